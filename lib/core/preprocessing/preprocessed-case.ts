import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';

/** What is needed to put a prediction back on the grid of the raw image. Array order before, network order after. */
export interface CropAndResampleRecord {
  /** Network order, before cropping. */
  readonly shapeBeforeCropping: readonly [number, number, number];
  /** Half-open [low, high) per axis, network order. */
  readonly cropBox: readonly [readonly [number, number], readonly [number, number], readonly [number, number]];
  /** Network order, after cropping and before resampling. */
  readonly shapeAfterCropping: readonly [number, number, number];
  /** mm per voxel before resampling, network order. */
  readonly spacingBefore: readonly [number, number, number];
}

/** Voxels of one label or region, in drawn order, network order: `locations` holds (z, y, x) triples, flat. */
export interface ClassLocations {
  readonly label: LabelOrRegion;
  readonly locations: Int32Array;
}

/** One case ready for training: cropped, normalised, resampled, in network order. */
export interface PreprocessedCase {
  readonly caseId: string;
  readonly image: Image<'net'>;
  /** -1 outside the nonzero mask. */
  readonly label: LabelMap<'net'>;
  /** One entry per class of `locationClasses`, also when it has no voxel. */
  readonly classLocations: readonly ClassLocations[];
  readonly record: CropAndResampleRecord;
}
