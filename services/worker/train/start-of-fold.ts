import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { requireSamePlan, withPretrained } from '#core/network/pretrained-parameters.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { decodeSafetensors } from '#formats/safetensors.ts';
import { findPretrained } from '#prediction/pretrained-weights.ts';
import { parseMetrics } from '#steps/epoch-metrics.ts';
import type { StepContext } from '#steps/step-context.ts';
import { earlierTrainingKey } from '#steps/step-names.ts';
import { SourceChangedError } from '../verified-source.ts';
import type { Fold } from './fold.ts';
import { continuedFoldRun, newFoldRun } from './fold-run.ts';
import type { FoldProgress } from './train-epochs.ts';

/** Where a fold stands before its first step. */
export interface FoldStart extends FoldProgress {
  readonly weights: Tensors;
}

type Surroundings = Pick<StepContext, 'inputs' | 'datasets' | 'description'>;

/**
 * Initial weights: drawn, pretrained, or those that the training by an earlier schedule ended with.
 *
 * Of that training the epochs, the metrics and the best weights are taken over too. Its optimiser state is not: it is no
 * output of a step, and would be as large as the weights.
 *
 * @throws {PretrainedWeightsMismatchError} @throws {PretrainedWeightsUnusableError}
 * @throws {SourceChangedError} when the pretrained weights are not those that the step was named by.
 */
export async function startOfFold(context: Surroundings, fold: Fold): Promise<FoldStart> {
  const { configuration, options } = fold;
  const targets = fold.labels.targets.length;
  const { continuesFrom } = options;
  if (continuesFrom === null) {
    const weights = await initialWeights(context, fold);
    return { run: newFoldRun(targets), weights, bestWeights: weights };
  }
  const earlier = await context.inputs(earlierTrainingKey(configuration.name, options.fold, continuesFrom));
  const weightsIn = async (path: string) => decodeSafetensors(await earlier.read(path)).tensors;
  return {
    run: continuedFoldRun(targets, parseMetrics(await earlier.readText('metrics.jsonl'))),
    weights: await weightsIn('final.safetensors'),
    bestWeights: await weightsIn('best.safetensors'),
  };
}

async function initialWeights(
  { datasets, description }: Pick<Surroundings, 'datasets' | 'description'>,
  { graph, options, configuration }: Fold,
): Promise<Tensors> {
  const drawn = initializeParameters(graph, options.seed);
  if (options.pretrainedWeights === null) return drawn;
  const uri = description.pretrainedWeightsUri;
  if (uri === null) throw new RangeError('the step does not say where its pretrained weights lie');
  const found = await findPretrained(datasets, uri, configuration.name);
  if (found.digest !== options.pretrainedWeights) throw new SourceChangedError('the pretrained weights');
  const { weights, plan } = await found.load();
  if (plan !== null) requireSamePlan(configuration, plan);
  return withPretrained(drawn, weights);
}
