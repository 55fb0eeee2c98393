import { BadInputError } from '#core/errors.ts';
import type { IntensityStatistics, NormalizationScheme } from '#core/planning/plans.ts';

/** Thrown when an image does not hold what its channel name promises. */
export class IntensityRangeError extends BadInputError {
  readonly code = 'INTENSITY_OUT_OF_RANGE';
}

/** Keeps a division by a standard deviation or a maximum of 0 finite. nnU-Net's constant, not for tuning. */
const EPSILON = 1e-8;

/** Changes one channel in place. `mask` is the label map: voxels below 0 lie outside the nonzero mask. */
type Normalize = (voxels: Float32Array, mask: Int16Array | null, statistics: IntensityStatistics) => void;

/** On-disk scheme name to function. To see what exists, read this. */
const normalizations: Readonly<Record<NormalizationScheme, Normalize>> = {
  ZScoreNormalization: zScore,
  CTNormalization: clipThenStandardize,
  RescaleTo01Normalization: rescaleTo01,
  RGBTo01Normalization: rgbTo01,
  NoNormalization: () => undefined,
};

/**
 * Normalises one channel in place.
 *
 * @param scheme as in the plans, chosen from the channel's name.
 * @param mask label map of the same voxels; `null` unless the plans say `use_mask_for_norm` for this channel. Only
 * z-scores heed it: voxels below 0 are neither counted nor changed.
 * @param statistics of the channel's foreground over the data set; only CT uses them.
 * @throws {IntensityRangeError} for RGB values outside 0 to 255.
 * @see nnU-Net v2, preprocessing/normalization/default_normalization_schemes.py
 */
export function normalizeChannel(
  scheme: NormalizationScheme,
  voxels: Float32Array,
  mask: Int16Array | null,
  statistics: IntensityStatistics,
): void {
  normalizations[scheme](voxels, mask, statistics);
}

function zScore(voxels: Float32Array, mask: Int16Array | null): void {
  const isCounted = (i: number): boolean => mask === null || (mask[i] ?? 0) >= 0;
  let count = 0;
  let sum = 0;
  for (let i = 0; i < voxels.length; i++) {
    if (!isCounted(i)) continue;
    count++;
    sum += voxels[i] ?? 0;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < voxels.length; i++) if (isCounted(i)) squares += ((voxels[i] ?? 0) - mean) ** 2;
  const std = Math.max(Math.sqrt(squares / count), EPSILON);
  for (let i = 0; i < voxels.length; i++) if (isCounted(i)) voxels[i] = ((voxels[i] ?? 0) - mean) / std;
}

function clipThenStandardize(voxels: Float32Array, _mask: Int16Array | null, statistics: IntensityStatistics): void {
  const { mean, percentile00_5, percentile99_5 } = statistics;
  const std = Math.max(statistics.std, EPSILON);
  for (let i = 0; i < voxels.length; i++) {
    const clipped = Math.min(Math.max(voxels[i] ?? 0, percentile00_5), percentile99_5);
    voxels[i] = (clipped - mean) / std;
  }
}

function rescaleTo01(voxels: Float32Array): void {
  const { low, high } = rangeOf(voxels);
  const extent = Math.max(high - low, EPSILON);
  for (let i = 0; i < voxels.length; i++) voxels[i] = ((voxels[i] ?? 0) - low) / extent;
}

function rgbTo01(voxels: Float32Array): void {
  const { low, high } = rangeOf(voxels);
  if (low < 0 || high > 255) {
    throw new IntensityRangeError(
      `a channel named rgb_to_0_1 holds 0 to 255, got ${low} to ${high}; rename the channel`,
    );
  }
  for (let i = 0; i < voxels.length; i++) voxels[i] = (voxels[i] ?? 0) / 255;
}

function rangeOf(voxels: Float32Array): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of voxels) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return { low, high };
}
