import { inParallel } from '#core/in-parallel.ts';
import { withPreviousStages } from '#core/planning/stages.ts';
import type { FoldName } from '#core/training/folds.ts';
import { encodeJson } from '#formats/indented-json.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { parseSplits } from '#formats/splits-json.ts';
import { type Inference, selectionSchema } from '#prediction/inference-json.ts';
import { CHECKPOINTS, weightsPath } from '#prediction/model-folder.ts';
import type { ModelDescription, TrainedProvenance } from '#prediction/model-json.ts';
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
    const { configurations } = parsePlans(await plan.readText('plans.json'));
    const trainings = trainingsOf(withPreviousStages(inference.members, configurations), inference.folds);
    const files: ModelDescription['files'] = {
      'inference.json': await output.write('inference.json', encodeJson(inference)),
      'plans.json': await output.write('plans.json', await plan.read('plans.json')),
      'dataset.json': await output.write('dataset.json', await plan.read('dataset.json')),
      ...(await copyWeights(context, trainings)),
    };

    const description: ModelDescription = {
      name: model,
      task: context.description.task.name,
      codeVersion,
      provenance: await provenanceOf(context, trainings),
      best,
      ranking,
      files,
    };
    await output.write('model.json', encodeJson(description));
    const result: PublishResult = { best };
    return { kind: 'done', result };
  };

interface PublishedTraining {
  readonly configuration: string;
  readonly fold: FoldName;
}

/** In the order in which they are published. */
const trainingsOf = (configurations: readonly string[], folds: readonly FoldName[]): PublishedTraining[] =>
  configurations.flatMap((configuration) => folds.map((fold) => ({ configuration, fold })));

/** Each may be some hundred megabytes in memory. */
const WEIGHTS_AT_ONCE = 2;

async function copyWeights(
  context: StepContext,
  trainings: readonly PublishedTraining[],
): Promise<Record<string, Output>> {
  const files = trainings.flatMap((training) => CHECKPOINTS.map((checkpoint) => ({ ...training, checkpoint })));
  let done = 0;
  const copy = async ({ configuration, fold, checkpoint }: (typeof files)[number]) => {
    context.stop.signal.throwIfAborted();
    context.progress('copying weights', done++, files.length);
    const training = await context.inputs(trainingKey(configuration, fold));
    const path = weightsPath(configuration, fold, checkpoint);
    return [path, await context.output.write(path, await training.read(`${checkpoint}.safetensors`))] as const;
  };
  return Object.fromEntries(await inParallel(files, copy, WEIGHTS_AT_ONCE));
}

async function provenanceOf(context: StepContext, published: readonly PublishedTraining[]): Promise<TrainedProvenance> {
  const { store } = context;
  const plan = await context.inputs('plan');
  const planned = await store.description(plan.manifest.step);
  const trainings = await inParallel(published, async ({ configuration, fold }) => {
    const { manifest } = await context.inputs(trainingKey(configuration, fold));
    const { identity } = await store.description(manifest.step);
    const training: TrainedProvenance['trainings'][string] = {
      step: manifest.step,
      seed: trainOptionsSchema.parse(identity.options).seed,
      meanDice: trainResultSchema.parse(manifest.result).meanDice,
      numerics: identity.numerics,
    };
    return [`${configuration}/fold_${fold}`, training] as const;
  });
  const splits = parseSplits(await plan.readText('splits_final.json'));
  return {
    dataDigest: required(planned.identity.inputs.ingest, 'the plan step has no input ingest'),
    plansDigest: required(plan.manifest.outputs['plans.json']?.sha256, 'the plan step wrote no plans.json'),
    trainingCases: splits.reduce((sum, { validation }) => sum + validation.length, 0),
    trainings: Object.fromEntries(trainings),
  };
}

function required<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new RangeError(otherwise);
  return value;
}
