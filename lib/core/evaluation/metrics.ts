// The eight numbers that nnU-Net reports per case and label, and how they are averaged.

/** Overlap of a prediction with its reference for one label. Counts are voxels; in a mean they may be fractions. */
export interface Metrics {
  /** 2 TP / (2 TP + FP + FN). NaN when the label is in neither; 0 when it is predicted but not in the reference. */
  readonly dice: number;
  /** TP / (TP + FP + FN), NaN as for Dice. */
  readonly iou: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
  /** Voxels of the label in the prediction: TP + FP. */
  readonly predicted: number;
  /** Voxels of the label in the reference: TP + FN. */
  readonly reference: number;
}

/** Metrics from the four counts, in voxels. */
export function metricsOf(counts: {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  readonly trueNegatives: number;
}): Metrics {
  const { truePositives: tp, falsePositives: fp, falseNegatives: fn } = counts;
  // 0 / 0 is NaN, which is what the rule asks for.
  return {
    ...counts,
    dice: (2 * tp) / (2 * tp + fp + fn),
    iou: tp / (tp + fp + fn),
    predicted: tp + fp,
    reference: tp + fn,
  };
}

/** Mean of each metric over cases, leaving out NaN; NaN where no case has a number. */
export const meanOverCases = (metrics: readonly Metrics[]): Metrics =>
  combine(metrics, (values) => mean(values.filter((value) => !Number.isNaN(value))));

/** Plain mean of each metric over labels: one NaN makes it NaN, as in nnU-Net's foreground_mean. */
export const meanOverLabels = (metrics: readonly Metrics[]): Metrics => combine(metrics, mean);

function combine(metrics: readonly Metrics[], one: (values: readonly number[]) => number): Metrics {
  const of = (key: keyof Metrics) => one(metrics.map((m) => m[key]));
  return {
    dice: of('dice'),
    iou: of('iou'),
    truePositives: of('truePositives'),
    falsePositives: of('falsePositives'),
    falseNegatives: of('falseNegatives'),
    trueNegatives: of('trueNegatives'),
    predicted: of('predicted'),
    reference: of('reference'),
  };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? Number.NaN : values.reduce((a, b) => a + b, 0) / values.length;
