import { canonicalJson } from '#formats/canonical-json.ts';

/** One line of `metrics.jsonl`. Holds nothing that differs between an undisturbed and a resumed run. */
export interface EpochMetrics {
  /** From 0. */
  readonly epoch: number;
  readonly epochs: number;
  /** Mean over the steps that were not skipped; `null` when all were. */
  readonly trainLoss: number | null;
  /** `null` when a batch had no finite loss. */
  readonly validationLoss: number | null;
  /** Per foreground class, from the summed voxel counts of the validation batches; `null`: neither present nor predicted. */
  readonly pseudoDice: readonly (number | null)[];
  /** Over the classes that have one. */
  readonly meanPseudoDice: number | null;
  /** First value, then 0.9 old + 0.1 new; an epoch without a mean leaves it as it was. */
  readonly movingAverageDice: number | null;
  readonly learningRate: number;
  readonly skippedSteps: number;
}

/**
 * `metrics.jsonl`: one JSON object a line, in the order of the epochs. Keys are sorted: metrics that have been through a
 * checkpoint must give the same bytes as those that have not.
 */
export function formatMetrics(metrics: readonly EpochMetrics[]): string {
  return metrics.map((line) => `${canonicalJson(line)}\n`).join('');
}

/** Reads `metrics.jsonl` back. Not parsed further: the digest of the file says that a train step wrote it. */
export const parseMetrics = (text: string): EpochMetrics[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
