import { labelKey } from '#core/dataset/label-or-region.ts';
import type { Metrics } from './metrics.ts';
import { nanJson } from './nan-json.ts';
import type { Summary } from './summary.ts';

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
  ...countsToJson(m),
  Dice: m.dice,
  IoU: m.iou,
  n_pred: m.predicted,
  n_ref: m.reference,
});

/** What the other numbers of a case and label follow from; of whole numbers, so that any JSON holds it. */
export const countsToJson = (m: Metrics) => ({
  FN: m.falseNegatives,
  FP: m.falsePositives,
  TN: m.trueNegatives,
  TP: m.truePositives,
});
