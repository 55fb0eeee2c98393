import * as z from 'zod';
import { canonicalJson } from '#formats/canonical-json.ts';

/** One line of `metrics.jsonl`. Holds nothing that differs between an undisturbed and a resumed run. */
export const epochMetrics = z.object({
  /** From 0. */
  epoch: z.int(),
  epochs: z.int(),
  /** Mean over the steps that were not skipped; `null` when all were. */
  trainLoss: z.number().nullable(),
  /** `null` when a batch had no finite loss. */
  validationLoss: z.number().nullable(),
  /** Per foreground class, from the summed voxel counts of the validation batches; `null`: neither present nor predicted. */
  pseudoDice: z.array(z.number().nullable()).readonly(),
  /** Over the classes that have one. */
  meanPseudoDice: z.number().nullable(),
  /** First value, then 0.9 old + 0.1 new; an epoch without a mean leaves it as it was. */
  movingAverageDice: z.number().nullable(),
  learningRate: z.number(),
  skippedSteps: z.int(),
});

export type EpochMetrics = Readonly<z.infer<typeof epochMetrics>>;

/**
 * `metrics.jsonl`: one JSON object a line, in the order of the epochs. Keys are sorted: metrics that have been through a
 * checkpoint must give the same bytes as those that have not.
 */
export function formatMetrics(metrics: readonly EpochMetrics[]): string {
  return metrics.map((line) => `${canonicalJson(line)}\n`).join('');
}

/** Reads `metrics.jsonl` back. @throws {ZodError} @throws {SyntaxError} for what `formatMetrics` does not write. */
export const parseMetrics = (text: string): EpochMetrics[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => epochMetrics.parse(JSON.parse(line)));
