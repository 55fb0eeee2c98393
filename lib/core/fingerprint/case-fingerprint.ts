import { product, type Shape, type Spacing } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { cropToNonzero } from '#core/preprocessing/crop.ts';
import { MersenneTwister } from '#core/random/mersenne-twister.ts';
import { drawForegroundSample, type ForegroundSample } from './foreground-sample.ts';

/** nnU-Net's seed of the draws, the same for every case. */
const SAMPLE_SEED = 1234;
/** Draws per channel over the whole data set; nnU-Net writes it 10e7. */
const DATASET_SAMPLES = 100_000_000;

/** What one training case adds to the fingerprint of its data set. */
export interface CaseFingerprint {
  readonly spacing: Spacing<'zyx'>;
  readonly shapeAfterCrop: Shape<'zyx'>;
  /** Voxels left by the crop to nonzero, as a share of the image. */
  readonly relativeSizeAfterCropping: number;
  /** Per channel: intensities where the label is above 0. */
  readonly foreground: readonly ForegroundSample[];
}

/** Draws from each case and channel, so that large data sets cost no more than small ones. */
export const samplesPerCase = (numberOfCases: number): number => Math.floor(DATASET_SAMPLES / numberOfCases);

/**
 * The fingerprint of one case: its grid after the crop to nonzero, and a sample of its foreground intensities.
 *
 * The draws are nnU-Net's own: one generator of seed 1234 per case, going on from channel to channel, over the
 * foreground voxels in C order.
 *
 * @param image raw, not yet cropped, in array order.
 * @param samples draws per channel; see `samplesPerCase`.
 * @see nnU-Net v2, DatasetFingerprintExtractor.analyze_case
 */
export function caseFingerprint(image: Image<'zyx'>, label: LabelMap<'zyx'>, samples: number): CaseFingerprint {
  const cropped = cropToNonzero(image, label);
  const random = new MersenneTwister(SAMPLE_SEED);
  return {
    spacing: image.spacing,
    shapeAfterCrop: cropped.image.shape,
    relativeSizeAfterCropping: product(cropped.image.shape) / product(image.shape),
    foreground: Array.from({ length: image.channels }, (_, channel) =>
      drawForegroundSample(foregroundVoxels(cropped.image, cropped.label, channel), samples, random),
    ),
  };
}

function foregroundVoxels(image: Image<'zyx'>, label: LabelMap<'zyx'>, channel: number): Float32Array {
  const voxels = product(image.shape);
  return image.data.subarray(channel * voxels, (channel + 1) * voxels).filter((_, i) => (label.data[i] ?? 0) > 0);
}
