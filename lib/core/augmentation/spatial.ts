// Rotation and scaling: every voxel of the output reads the input between voxels.

import { product } from '#core/geometry/axes.ts';
import { roundHalfEven } from '#core/geometry/rounding.ts';
import type { SpatialPlan } from '#core/training/batch-plan.ts';
import { elasticDisplacement } from './elastic.ts';
import { centreCrop, type Patch, withMap } from './patch.ts';

/** Output voxel p, counted from the output's centre, reads the input at `centre` + `matrix` * (p + displacement). */
export interface Affine {
  /** Row-major d x d. */
  readonly matrix: readonly number[];
  /** Input voxel coordinates, d of them; (n - 1) / 2 is the middle of n voxels. */
  readonly centre: readonly number[];
}

/**
 * A patch deformed, turned and scaled about its centre and cut to `extent`. A `dummy2d` plan treats slices as channels.
 */
export function transformPatch(patch: Patch, plan: SpatialPlan, extent: readonly number[]): Patch {
  const [depth = 1, ...plane] = extent;
  const inside = plan.dummy2d ? centreCrop(patch, [depth, ...patch.shape.slice(1)]) : patch;
  const slices = plan.dummy2d ? depth : 1;
  const from = plan.dummy2d ? inside.shape.slice(1) : inside.shape;
  const to = plan.dummy2d ? plane : extent;
  const affine = { matrix: plan.matrix, centre: from.map((n) => (n - 1) / 2) };
  const displacement = plan.elastic && elasticDisplacement(plan.elastic, to);
  const warped = (map: Int16Array): Int16Array => warpLabels(map, slices, from, to, affine, displacement);
  return {
    channels: patch.channels,
    shape: extent,
    image: warpImage(inside.image, patch.channels * slices, from, to, affine, displacement),
    label: warped(inside.label),
    previousStage: withMap(inside.previousStage, warped),
  };
}

/**
 * Linear interpolation; outside the input contributes 0.
 *
 * @param displacement (d, ...to), voxels; see `elasticDisplacement`.
 */
export function warpImage(
  image: Float32Array,
  channels: number,
  from: readonly number[],
  to: readonly number[],
  affine: Affine,
  displacement: Float32Array | null = null,
): Float32Array {
  const size = product(from);
  const warpedSize = product(to);
  const warped = new Float32Array(channels * warpedSize);
  forEachVoxel(from, to, { ...affine, displacement }, (voxel, { corners, weights }) => {
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      corners.forEach((corner, i) => {
        if (corner >= 0) sum += (weights[i] ?? 0) * (image[channel * size + corner] ?? 0);
      });
      warped[channel * warpedSize + voxel] = sum;
    }
  });
  return warped;
}

/**
 * The label with the largest share of the neighbouring voxels, -1 (outside the mask or the input) being one of them.
 *
 * Shares are compared as float16 of a thousandfold, so near ties are ties; then the nearest voxel's label wins if it is
 * among the tied ones, else the lowest label.
 *
 * @see batchgeneratorsv2 0.3.6, SpatialTransform, mode_seg 'bilinear', seg_tiebreak 'nearest'
 */
export function warpLabels(
  label: Int16Array,
  channels: number,
  from: readonly number[],
  to: readonly number[],
  affine: Affine,
  displacement: Float32Array | null = null,
): Int16Array {
  const size = product(from);
  const warpedSize = product(to);
  const warped = new Int16Array(channels * warpedSize);
  forEachVoxel(from, to, { ...affine, displacement }, (voxel, neighbours) => {
    for (let channel = 0; channel < channels; channel++)
      warped[channel * warpedSize + voxel] = prevailingLabel(label, channel * size, neighbours);
  });
  return warped;
}

function prevailingLabel(label: Int16Array, offset: number, { corners, weights, nearest }: Neighbours): number {
  const labelAt = (corner: number): number => (corner < 0 ? -1 : (label[offset + corner] ?? -1));
  const shares = new Map<number, number>();
  corners.forEach((corner, i) => {
    const value = labelAt(corner);
    shares.set(value, (shares.get(value) ?? 0) + (weights[i] ?? 0));
  });
  const [only] = shares.keys();
  if (shares.size === 1 && only !== undefined) return only;
  const scores = [...shares].map(([value, share]) => ({ value, score: Math.f16round(1000 * share) }));
  const highest = Math.max(...scores.map(({ score }) => score));
  const tied = scores.filter(({ score }) => score === highest).map(({ value }) => value);
  return tied.includes(labelAt(nearest)) ? labelAt(nearest) : Math.min(...tied);
}

/** The 2^d input voxels around a point. One object is reused for all points. */
interface Neighbours {
  /** Index in the input; -1 outside. */
  readonly corners: Int32Array;
  /** Adding up to 1. */
  readonly weights: Float64Array;
  /** Index of the nearest voxel; -1 outside. */
  nearest: number;
}

function forEachVoxel(
  from: readonly number[],
  to: readonly number[],
  affine: Warp,
  visit: (voxel: number, neighbours: Neighbours) => void,
): void {
  const corners = 2 ** from.length;
  const neighbours = { corners: new Int32Array(corners), weights: new Float64Array(corners), nearest: -1 };
  const position = to.map(() => 0);
  const count = product(to);
  for (let voxel = 0; voxel < count; voxel++) {
    locate(sourcePoint(position, voxel, to, affine), from, neighbours);
    visit(voxel, neighbours);
    advance(position, to);
  }
}

interface Warp extends Affine {
  readonly displacement: Float32Array | null;
}

function sourcePoint(position: readonly number[], voxel: number, to: readonly number[], warp: Warp): number[] {
  const { matrix, centre, displacement } = warp;
  const voxels = product(to);
  const fromCentre = position.map((p, axis) => {
    const moved = displacement ? (displacement[axis * voxels + voxel] ?? 0) : 0;
    return p - ((to[axis] ?? 1) - 1) / 2 + moved;
  });
  return centre.map((start, row) =>
    fromCentre.reduce((sum, p, axis) => sum + (matrix[row * to.length + axis] ?? 0) * p, start),
  );
}

function locate(point: readonly number[], shape: readonly number[], neighbours: Neighbours): void {
  neighbours.corners.forEach((_, corner) => {
    let index = 0;
    let weight = 1;
    let inside = true;
    point.forEach((coordinate, axis) => {
      const floor = Math.floor(coordinate);
      const upper = (corner >> axis) & 1;
      const extent = shape[axis] ?? 0;
      index = index * extent + floor + upper;
      weight *= upper ? coordinate - floor : floor + 1 - coordinate;
      inside &&= floor + upper >= 0 && floor + upper < extent;
    });
    neighbours.corners[corner] = inside ? index : -1;
    neighbours.weights[corner] = weight;
  });
  neighbours.nearest = nearestVoxel(point, shape);
}

function nearestVoxel(point: readonly number[], shape: readonly number[]): number {
  let index = 0;
  for (const [axis, coordinate] of point.entries()) {
    const nearest = roundHalfEven(coordinate);
    const extent = shape[axis] ?? 0;
    if (nearest < 0 || nearest >= extent) return -1;
    index = index * extent + nearest;
  }
  return index;
}

/** The next position in C order. */
function advance(position: number[], extent: readonly number[]): void {
  for (let axis = extent.length - 1; axis >= 0; axis--) {
    const next = (position[axis] ?? 0) + 1;
    position[axis] = next < (extent[axis] ?? 0) ? next : 0;
    if (position[axis] !== 0) return;
  }
}
