import type { DatasetFingerprint } from '#core/fingerprint/dataset-fingerprint.ts';
import { percentile } from '#core/fingerprint/percentile.ts';
import { type AxisPermutation, type Spacing, spacingZyx } from '#core/geometry/axes.ts';

/** One spacing more than this many times the others, with as many times fewer voxels, makes a data set anisotropic. */
const ANISOTROPY = 3;
const AXES = [0, 1, 2] as const;

/**
 * Spacing that 3d_fullres resamples to: the median of the cases, per axis.
 *
 * In an anisotropic data set the coarsest axis gets its 10th percentile instead, so that few cases lose slices, yet no
 * finer than the others: slices of 5 mm, some of 3, at 0.8 mm in plane become 4 mm.
 *
 * @see nnU-Net v2, ExperimentPlanner.determine_fullres_target_spacing
 */
export function targetSpacing({ spacings, shapesAfterCrop }: DatasetFingerprint): Spacing<'zyx'> {
  const medianSpacing = AXES.map((axis) =>
    percentile(
      spacings.map((spacing) => spacing[axis]),
      50,
    ),
  );
  const medianExtent = AXES.map((axis) =>
    percentile(
      shapesAfterCrop.map((shape) => shape[axis]),
      50,
    ),
  );
  const coarsest = coarsestAxis(medianSpacing);
  const of = (values: readonly number[], axis: number) => values[axis] ?? Number.NaN;
  const others = AXES.filter((axis) => axis !== coarsest);
  const coarsestOther = Math.max(...others.map((axis) => of(medianSpacing, axis)));
  const fewestOther = Math.min(...others.map((axis) => of(medianExtent, axis)));
  const isAnisotropic =
    of(medianSpacing, coarsest) > ANISOTROPY * coarsestOther && of(medianExtent, coarsest) * ANISOTROPY < fewestOther;
  if (isAnisotropic) {
    const fine = percentile(
      spacings.map((spacing) => spacing[coarsest]),
      10,
    );
    medianSpacing[coarsest] = fine < coarsestOther ? coarsestOther + 1e-5 : fine;
  }
  const [z, y, x] = medianSpacing as [number, number, number];
  return spacingZyx(z, y, x);
}

/** The coarsest axis comes first in network order, the others stay in array order. */
export function transposeForward(spacing: Spacing<'zyx'>): AxisPermutation {
  const coarsest = coarsestAxis(spacing);
  const [second, third] = AXES.filter((axis) => axis !== coarsest) as [number, number];
  return [coarsest, second, third];
}

/** The permutation that undoes another. */
export function inversePermutation(forward: AxisPermutation): AxisPermutation {
  return [forward.indexOf(0), forward.indexOf(1), forward.indexOf(2)];
}

/** The first of equally coarse ones. */
const coarsestAxis = (spacing: readonly number[]): 0 | 1 | 2 => spacing.indexOf(Math.max(...spacing)) as 0 | 1 | 2;
