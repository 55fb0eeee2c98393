// Distances between the surfaces of a predicted and a true object. nnU-Net does not report these; definitions vary
// between tools, so ours is written down: the surface of an object is its voxels with a face neighbour that is not of
// it (what lies outside the image is not of it), each counting once, placed at its middle.

import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import { percentile } from '#core/fingerprint/percentile.ts';
import { squaredDistances } from './distance-transform.ts';

/** How well two surfaces lie on each other. NaN when the label is in neither map. */
export interface SurfaceMetrics {
  /**
   * Hausdorff distance without the worst 5 %, mm: the larger of the two 95th percentiles (linear interpolation) of the
   * distances from one surface to the other. Infinity when the label is in one map only.
   */
  readonly hd95: number;
  /**
   * Normalised surface Dice: the share of both surfaces' voxels that lie within the tolerance of the other surface. 0
   * when the label is in one map only.
   */
  readonly surfaceDice: number;
}

/** Two label maps on one grid, (z, y, x), and what to compare them by. */
export interface SurfaceComparison {
  readonly prediction: ArrayLike<number>;
  readonly reference: ArrayLike<number>;
  readonly shape: readonly [number, number, number];
  /** mm per voxel. */
  readonly spacing: readonly [number, number, number];
  /** Surfaces this far apart, mm, count as equal: how far two experts would differ. At least 0. */
  readonly toleranceMm: number;
  /** Voxels of this value in the reference are of no object. */
  readonly ignoreLabel: number | null;
}

/**
 * HD95 and surface Dice of one label or region.
 *
 * @throws {RangeError} if a map does not fill the shape.
 * @see Nikolov et al., Clinically applicable segmentation of head and neck anatomy, 2021 (surface Dice)
 */
export function surfaceMetrics(comparison: SurfaceComparison, target: LabelOrRegion): SurfaceMetrics {
  const { reference, shape, spacing, toleranceMm } = comparison;
  const [predicted, actual] = [comparison.prediction, reference].map((map) => {
    if (map.length !== reference.length)
      throw new RangeError(`prediction has ${map.length} voxels, its reference ${reference.length}`);
    return surfaceOf(map, comparison, new Set(labelsOf(target)));
  }) as [Surface, Surface];
  if (predicted.voxels.length === 0 && actual.voxels.length === 0) return { hd95: Number.NaN, surfaceDice: Number.NaN };
  if (predicted.voxels.length === 0 || actual.voxels.length === 0)
    return { hd95: Number.POSITIVE_INFINITY, surfaceDice: 0 };
  const to = (from: Surface, other: Surface): Float64Array => {
    const squared = squaredDistances(other.mask, shape, spacing);
    return Float64Array.from(from.voxels, (voxel) => Math.sqrt(squared[voxel] as number));
  };
  const forth = to(predicted, actual);
  const back = to(actual, predicted);
  const near = (distances: Float64Array): number => distances.filter((mm) => mm <= toleranceMm).length;
  return {
    hd95: Math.max(percentile(forth, 95), percentile(back, 95)),
    surfaceDice: (near(forth) + near(back)) / (forth.length + back.length),
  };
}

interface Surface {
  /** 1 on the surface. */
  readonly mask: Uint8Array;
  /** Flat indices of the surface. */
  readonly voxels: readonly number[];
}

function surfaceOf(
  map: ArrayLike<number>,
  { reference, shape, ignoreLabel }: SurfaceComparison,
  members: ReadonlySet<number>,
): Surface {
  const isOf = (voxel: number): boolean => members.has(map[voxel] as number) && reference[voxel] !== ignoreLabel;
  const [depth, height, width] = shape;
  if (map.length !== depth * height * width)
    throw new RangeError(`shape ${shape.join(' x ')} has ${depth * height * width} voxels, got ${map.length}`);
  const mask = new Uint8Array(map.length);
  const voxels: number[] = [];
  for (let voxel = 0; voxel < map.length; voxel++) {
    if (!isOf(voxel)) continue;
    const x = voxel % width;
    const y = Math.floor(voxel / width) % height;
    const z = Math.floor(voxel / (width * height));
    const isInner =
      x > 0 &&
      x < width - 1 &&
      isOf(voxel - 1) &&
      isOf(voxel + 1) &&
      y > 0 &&
      y < height - 1 &&
      isOf(voxel - width) &&
      isOf(voxel + width) &&
      z > 0 &&
      z < depth - 1 &&
      isOf(voxel - width * height) &&
      isOf(voxel + width * height);
    if (isInner) continue;
    mask[voxel] = 1;
    voxels.push(voxel);
  }
  return { mask, voxels };
}
