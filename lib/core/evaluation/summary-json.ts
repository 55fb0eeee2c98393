import { type LabelOrRegion, labelKey } from '#core/dataset/label-or-region.ts';
import type { Metrics } from './metrics.ts';
import { nanJson } from './nan-json.ts';
import type { EvaluatedCase, Summary } from './summary.ts';

/**
 * nnU-Net's summary.json: its keys, sorted, four spaces, and the bare token NaN.
 *
 * @see nnU-Net v2, evaluation/evaluate_predictions.py, save_summary_json
 */
export const formatSummary = (summary: Summary): string =>
  nanJson({
    ...meansToJson(summary),
    metric_per_case: summary.cases.map((evaluated) => ({
      metrics: perLabel(summary, evaluated.metrics),
      prediction_file: evaluated.predictionFile,
      reference_file: evaluated.referenceFile,
    })),
  });

/** The two means of a summary under nnU-Net's keys, as they also stand in postprocessing.json. */
export const meansToJson = (summary: Summary) => ({
  foreground_mean: metricsToJson(summary.foregroundMean),
  mean: perLabel(summary, summary.mean),
});

const perLabel = (summary: Summary, metrics: readonly Metrics[]) =>
  Object.fromEntries(
    metrics.map((m, i) => {
      const label = summary.labels[i];
      if (label === undefined)
        throw new RangeError(`metrics of ${metrics.length} labels, expected ${summary.labels.length}`);
      return [labelKey(label), metricsToJson(m)];
    }),
  );

const metricsToJson = (m: Metrics) => ({
  Dice: m.dice,
  FN: m.falseNegatives,
  FP: m.falsePositives,
  IoU: m.iou,
  TN: m.trueNegatives,
  TP: m.truePositives,
  n_pred: m.predicted,
  n_ref: m.reference,
});

/**
 * The cases of a summary.json, of which the metrics of `labels` are read.
 *
 * @throws {RangeError} when a case lacks one of them. @throws {SyntaxError} when the text is no such JSON.
 */
export function casesOfSummary(text: string, labels: readonly LabelOrRegion[]): EvaluatedCase[] {
  const { metric_per_case: cases }: SummaryJson = JSON.parse(withoutNan(text));
  return cases.map(({ metrics, prediction_file: predictionFile, reference_file: referenceFile }) => ({
    predictionFile,
    referenceFile,
    metrics: labels.map((label) => metricsFromJson(metrics[labelKey(label)], label)),
  }));
}

interface SummaryJson {
  readonly metric_per_case: readonly {
    readonly metrics: Readonly<Record<string, Readonly<Record<string, number | null>>>>;
    readonly prediction_file: string;
    readonly reference_file: string;
  }[];
}

/** JSON has no NaN: nnU-Net's bare token becomes `null`. */
export const withoutNan = (text: string): string => text.replaceAll(/\bNaN\b(?=[,\s}\]])/g, 'null');

function metricsFromJson(json: Readonly<Record<string, number | null>> | undefined, label: LabelOrRegion): Metrics {
  if (json === undefined) throw new RangeError(`a case of the summary has no metrics of label ${labelKey(label)}`);
  const of = (key: string) => json[key] ?? Number.NaN;
  return {
    dice: of('Dice'),
    iou: of('IoU'),
    truePositives: of('TP'),
    falsePositives: of('FP'),
    falseNegatives: of('FN'),
    trueNegatives: of('TN'),
    predicted: of('n_pred'),
    reference: of('n_ref'),
  };
}
