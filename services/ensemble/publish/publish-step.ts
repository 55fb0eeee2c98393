import { encodeJson } from '#formats/indented-json.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { type Inference, selectionSchema } from '#prediction/inference-json.ts';
import { weightsPath } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import type { Output } from '#steps/manifest.ts';
import { publishOptionsSchema, trainOptionsSchema } from '#steps/options.ts';
import { ensembleResultSchema, type PublishResult, trainResultSchema } from '#steps/results.ts';
import type { StepContext, StepHandler } from '#steps/step-context.ts';
import { trainingKey } from '#steps/step-names.ts';

/**
 * Gathers the files of the winner into one folder from which anyone can predict, with its provenance in `model.json`.
 *
 * @param codeVersion of this program, major.minor.patch.
 */
export const publishStep =
  (codeVersion: string): StepHandler =>
  async (context) => {
    const ensemble = await context.inputs('ensemble');
    const selection = selectionSchema.parse(JSON.parse(await ensemble.readText('inference.json')));
    const { model, stepFraction, mirroring } = publishOptionsSchema.parse(context.description.identity.options);
    const inference: Inference = { ...selection, stepFraction, mirroring };
    const { ranking } = ensembleResultSchema.parse(ensemble.manifest.result);
    const [best] = ranking;
    if (best === undefined) throw new RangeError('the ensemble step ranked nothing');

    const { output } = context;
    const plan = await context.inputs('plan');
    const files: ModelDescription['files'] = {
      'inference.json': await output.write('inference.json', encodeJson(inference)),
      'plans.json': await output.write('plans.json', await plan.read('plans.json')),
      'dataset.json': await output.write('dataset.json', await plan.read('dataset.json')),
      ...(await copyWeights(context, inference)),
    };

    const description: ModelDescription = {
      name: model,
      task: context.description.task.name,
      codeVersion,
      provenance: await provenanceOf(context, inference),
      best,
      ranking,
      files,
    };
    await output.write('model.json', encodeJson(description));
    const result: PublishResult = { best };
    return { kind: 'done', result };
  };

async function copyWeights(context: StepContext, { members, folds }: Inference): Promise<Record<string, Output>> {
  const files: Record<string, Output> = {};
  const total = members.length * folds.length;
  for (const { configuration, fold, done } of foldsOf(members, folds)) {
    context.stop.signal.throwIfAborted();
    context.progress('copying weights', done, total);
    const training = await context.inputs(trainingKey(configuration, fold));
    const path = weightsPath(configuration, fold);
    files[path] = await context.output.write(path, await training.read('final.safetensors'));
  }
  return files;
}

/** The trainings of the members, in the order in which they are published. */
const foldsOf = (members: readonly string[], folds: readonly number[]) =>
  members
    .flatMap((configuration) => folds.map((fold) => ({ configuration, fold })))
    .map((training, done) => ({ ...training, done }));

async function provenanceOf(context: StepContext, inference: Inference): Promise<ModelDescription['provenance']> {
  const { store } = context;
  const plan = await context.inputs('plan');
  const planned = await store.description(plan.manifest.step);
  const trainings: ModelDescription['provenance']['trainings'] = {};
  for (const { configuration, fold } of foldsOf(inference.members, inference.folds)) {
    const { manifest } = await context.inputs(trainingKey(configuration, fold));
    const { identity } = await store.description(manifest.step);
    trainings[`${configuration}/fold_${fold}`] = {
      step: manifest.step,
      seed: trainOptionsSchema.parse(identity.options).seed,
      meanDice: trainResultSchema.parse(manifest.result).meanDice,
      numerics: identity.numerics,
    };
  }
  const splits = parseSplits(await plan.readText('splits_final.json'));
  return {
    dataDigest: required(planned.identity.inputs.ingest, 'the plan step has no input ingest'),
    plansDigest: required(plan.manifest.outputs['plans.json']?.sha256, 'the plan step wrote no plans.json'),
    trainingCases: splits.reduce((sum, { validation }) => sum + validation.length, 0),
    trainings,
  };
}

function required<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new RangeError(otherwise);
  return value;
}
