// What is reported beside nnU-Net's eight numbers, and never in its summary.json.

import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import type { Metrics } from './metrics.ts';
import { type SurfaceComparison, surfaceMetrics } from './surface-distance.ts';
import { volumeDifference } from './volume-difference.ts';

/** Of one label, in one case or as a mean over cases. */
export interface FurtherMetrics {
  /** TP / (TP + FP): how much of what is predicted is right. NaN when nothing is predicted. */
  readonly precision: number;
  /** TP / (TP + FN): how much of what is there is found. NaN when nothing is there. */
  readonly recall: number;
  /** Prediction less reference, millilitres. */
  readonly volumeDifferenceMl: number;
  /** As a share of the reference; NaN where the reference has nothing. */
  readonly relativeVolumeDifference: number;
  /** See `SurfaceMetrics`; NaN unless surfaces were measured. */
  readonly hd95: number;
  readonly surfaceDice: number;
}

/** @param toleranceMm of the surface Dice; `null`: surfaces are not measured, which takes most of the time. */
export function furtherMetrics(
  metrics: Metrics,
  maps: Omit<SurfaceComparison, 'toleranceMm'>,
  target: LabelOrRegion,
  toleranceMm: number | null,
): FurtherMetrics {
  const { truePositives, predicted, reference } = metrics;
  const { millilitres, relative } = volumeDifference(metrics, maps.spacing);
  const surface =
    toleranceMm === null
      ? { hd95: Number.NaN, surfaceDice: Number.NaN }
      : surfaceMetrics({ ...maps, toleranceMm }, target);
  return {
    // 0 / 0 is NaN.
    precision: truePositives / predicted,
    recall: truePositives / reference,
    volumeDifferenceMl: millilitres,
    relativeVolumeDifference: relative,
    ...surface,
  };
}

/**
 * Mean of each over cases, leaving out what is not finite: the HD95 of a label that only one map has is infinite, and
 * would hide all others. NaN where no case has a number.
 */
export function meanFurtherMetrics(cases: readonly FurtherMetrics[]): FurtherMetrics {
  const mean = (key: keyof FurtherMetrics): number => {
    const values = cases.map((one) => one[key]).filter(Number.isFinite);
    return values.reduce((a, b) => a + b, 0) / values.length;
  };
  return {
    precision: mean('precision'),
    recall: mean('recall'),
    volumeDifferenceMl: mean('volumeDifferenceMl'),
    relativeVolumeDifference: mean('relativeVolumeDifference'),
    hd95: mean('hd95'),
    surfaceDice: mean('surfaceDice'),
  };
}
