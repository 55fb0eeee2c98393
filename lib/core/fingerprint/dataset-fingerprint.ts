import { BadInputError } from '#core/errors.ts';
import type { Shape, Spacing } from '#core/geometry/axes.ts';
import type { IntensityStatistics } from '#core/planning/plans.ts';
import type { CaseFingerprint } from './case-fingerprint.ts';
import { intensityStatistics } from './intensity-statistics.ts';
import { median } from './percentile.ts';

/** What the planner knows of a data set. Arrays are in case order, axes in array order. */
export interface DatasetFingerprint {
  readonly spacings: readonly Spacing<'zyx'>[];
  readonly shapesAfterCrop: readonly Shape<'zyx'>[];
  /** Per channel. */
  readonly foregroundIntensities: readonly IntensityStatistics[];
  /** Median over cases of voxels left by the crop to nonzero, as a share of the image, in (0, 1]. */
  readonly medianRelativeSizeAfterCropping: number;
}

/** No case has a voxel of a foreground label, so there is nothing to learn. */
export class NoForegroundError extends BadInputError {
  readonly code = 'NO_FOREGROUND';
}

/**
 * The fingerprint of a data set from those of its training cases.
 *
 * @param cases at least one, all with the same number of channels, in ascending order of their ids.
 * @throws {NoForegroundError} if no case has a foreground voxel.
 * @see nnU-Net v2, dataset_fingerprint/fingerprint_extractor.py
 */
export function datasetFingerprint(cases: readonly CaseFingerprint[]): DatasetFingerprint {
  const channels = cases[0]?.foreground.length ?? 0;
  if (cases.every(({ foreground }) => foreground.every(({ values }) => values.length === 0))) {
    throw new NoForegroundError(
      `none of the ${cases.length} training cases has a voxel with a label above 0; check the labels`,
    );
  }
  return {
    spacings: cases.map(({ spacing }) => spacing),
    shapesAfterCrop: cases.map(({ shapeAfterCrop }) => shapeAfterCrop),
    foregroundIntensities: Array.from({ length: channels }, (_, channel) =>
      intensityStatistics(cases.flatMap(({ foreground }) => foreground[channel] ?? [])),
    ),
    medianRelativeSizeAfterCropping: median(cases.map(({ relativeSizeAfterCropping }) => relativeSizeAfterCropping)),
  };
}
