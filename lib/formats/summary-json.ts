// Reads nnU-Net's summary.json, which lib/core/evaluation/summary-json.ts writes. Of a case only the four counts are read:
// everything else in the file follows from them.

import * as z from 'zod';
import { type LabelOrRegion, labelKey, labelOfKey } from '#core/dataset/label-or-region.ts';
import { metricsOf } from '#core/evaluation/metrics.ts';
import { type EvaluatedCase, type Summary, summarize } from '#core/evaluation/summary.ts';

const count = z.int().nonnegative();

/** The metrics of one case and label, from its counts under nnU-Net's keys. */
export const metricsSchema = z
  .object({ TP: count, FP: count, FN: count, TN: count })
  .transform(({ TP, FP, FN, TN }) =>
    metricsOf({ truePositives: TP, falsePositives: FP, falseNegatives: FN, trueNegatives: TN }),
  );

/** Of a file whose cases have metrics of all of these. */
function summarySchema(labels: readonly LabelOrRegion[]) {
  const metrics = z.object(Object.fromEntries(labels.map((label) => [labelKey(label), metricsSchema])));
  const evaluated = z.object({ metrics, prediction_file: z.string(), reference_file: z.string() }).transform(
    ({ metrics, prediction_file, reference_file }): EvaluatedCase => ({
      predictionFile: prediction_file,
      referenceFile: reference_file,
      // The order of an object's keys is not that of the labels.
      metrics: labels.flatMap((label) => metrics[labelKey(label)] ?? []),
    }),
  );
  return z.object({ metric_per_case: z.array(evaluated) });
}

const labelsSchema = z.object({ mean: z.record(z.string(), z.unknown()) });

/**
 * The cases of a summary.json, of which the metrics of `labels` are read.
 *
 * @throws {ZodError} naming the case, label and key of what is missing or no count. @throws {SyntaxError} if it is no JSON.
 */
export const casesOfSummary = (text: string, labels: readonly LabelOrRegion[]): EvaluatedCase[] =>
  casesOf(jsonOf(text), labels);

/**
 * All of a summary.json, its labels in the order of the file.
 *
 * @throws {ZodError} as `casesOfSummary`. @throws {SyntaxError} if it is no JSON, or a label is none.
 */
export function parseSummary(text: string): Summary {
  const json = jsonOf(text);
  const labels = Object.keys(labelsSchema.parse(json).mean).map(labelOfKey);
  return summarize(labels, casesOf(json, labels));
}

const casesOf = (json: unknown, labels: readonly LabelOrRegion[]): EvaluatedCase[] =>
  summarySchema(labels).parse(json).metric_per_case;

/** JSON has no NaN: nnU-Net's bare token becomes `null`. Texts are matched so that a NaN in one is left alone. */
const jsonOf = (text: string): unknown =>
  JSON.parse(text.replaceAll(/"(?:[^"\\]|\\.)*"|\bNaN\b/g, (token) => (token === 'NaN' ? 'null' : token)));
