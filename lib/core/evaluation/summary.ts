import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { type Metrics, meanOverCases, meanOverLabels } from './metrics.ts';

/** One evaluated case: its files, as they shall be named in the summary, and its metrics per label. */
export interface EvaluatedCase {
  readonly predictionFile: string;
  readonly referenceFile: string;
  /** In the order of the summary's labels. */
  readonly metrics: readonly Metrics[];
}

/** The content of nnU-Net's summary.json. */
export interface Summary {
  readonly labels: readonly LabelOrRegion[];
  /** Plain mean over the labels, background left out; NaN if a label has no number in any case. */
  readonly foregroundMean: Metrics;
  /** Per label: mean over the cases that have a number. */
  readonly mean: readonly Metrics[];
  readonly cases: readonly EvaluatedCase[];
}

/**
 * Averages cases into nnU-Net's summary: first over cases, per label, leaving out NaN; then over the labels.
 *
 * The second mean keeps NaN, so a label that occurs nowhere makes the foreground mean NaN.
 *
 * @see nnU-Net v2, evaluation/evaluate_predictions.py, compute_metrics_on_folder
 */
export function summarize(labels: readonly LabelOrRegion[], cases: readonly EvaluatedCase[]): Summary {
  const mean = labels.map((_, i) => meanOverCases(cases.map((evaluated) => metricsAt(evaluated, i, labels.length))));
  return { labels, foregroundMean: meanOverLabels(mean.filter((_, i) => labels[i] !== 0)), mean, cases };
}

function metricsAt(evaluated: EvaluatedCase, i: number, labels: number): Metrics {
  const metrics = evaluated.metrics[i];
  if (metrics === undefined || evaluated.metrics.length !== labels)
    throw new RangeError(`a case has metrics of ${evaluated.metrics.length} labels, expected ${labels}`);
  return metrics;
}
