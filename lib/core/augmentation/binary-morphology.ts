// Dilation, erosion, closing and opening of binary arrays of two or three axes with the element that nnU-Net takes: a
// ball or disk of a radius that need not be whole, whose sampling then is not symmetric.

import { product } from '#core/geometry/axes.ts';
import type { BinaryOperator } from '#core/training/batch-plan.ts';

/** Offsets of the structuring element's voxels from the voxel that is written, one entry per axis. */
export type StructuringElement = readonly (readonly number[])[];

/**
 * A ball (3 axes) or disk (2) of `radius` voxels.
 *
 * The ball has floor(2r + 1) evenly spaced points from -r to r per axis, so their step is below 1 unless 2r is whole; the
 * disk has points -r, -r + 1, … up to past r. Points at most r from the middle belong to it. In an element of even extent
 * the middle is the earlier of the two.
 *
 * @see scikit-image, morphology.ball and morphology.disk
 */
export function roundElement(radius: number, axes: number): StructuringElement {
  const points = axes === 3 ? ballPoints(radius) : diskPoints(radius);
  const middle = Math.floor((points.length - 1) / 2);
  const inside: number[][] = [];
  const extent = Array.from({ length: axes }, () => points.length);
  for (let i = 0; i < product(extent); i++) {
    const index = extent.map((n, axis) => Math.floor(i / n ** (axes - 1 - axis)) % n);
    const squared = index.reduce((sum, at) => sum + (points[at] ?? 0) ** 2, 0);
    if (squared <= radius * radius) inside.push(index.map((at) => at - middle));
  }
  return inside;
}

function ballPoints(radius: number): number[] {
  const count = Math.floor(2 * radius + 1);
  const step = (2 * radius) / (count - 1);
  // The last is set, not stepped to, so that it is as far out as the first.
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? radius : -radius + i * step));
}

const diskPoints = (radius: number): number[] =>
  Array.from({ length: Math.ceil(2 * radius + 1) }, (_, i) => -radius + i);

/** A binary array after an operator. Closing and opening use the element twice as it is, not mirrored. */
export function applyOperator(
  operator: BinaryOperator,
  mask: Uint8Array,
  shape: readonly number[],
  element: StructuringElement,
): Uint8Array {
  switch (operator) {
    case 'dilation':
      return dilated(mask, shape, element);
    case 'erosion':
      return eroded(mask, shape, element);
    case 'closing':
      return eroded(dilated(mask, shape, element), shape, element);
    case 'opening':
      return dilated(eroded(mask, shape, element), shape, element);
    default:
      throw new RangeError(`no operator ${operator satisfies never}`);
  }
}

/** Erosion is the dilation of what is not there; outside counts as there. */
const eroded = (mask: Uint8Array, shape: readonly number[], element: StructuringElement): Uint8Array =>
  inverted(dilated(inverted(mask), shape, element));

const inverted = (mask: Uint8Array): Uint8Array => mask.map((value) => 1 - value);

/** A voxel is set if one of those that the element points at is; outside nothing is. */
function dilated(mask: Uint8Array, shape: readonly number[], element: StructuringElement): Uint8Array {
  const result = new Uint8Array(mask.length);
  for (const offset of element) {
    const last = shape.length - 1;
    const width = shape[last] ?? 1;
    const shift = offset[last] ?? 0;
    for (let row = 0; row < mask.length / width; row++) {
      const from = shiftedRow(row, shape, offset);
      if (from === null) continue;
      for (let x = Math.max(0, -shift); x < Math.min(width, width - shift); x++)
        if (mask[from * width + x + shift]) result[row * width + x] = 1;
    }
  }
  return result;
}

/** The row that an offset points at, `null` outside. Rows are counted over all axes but the last. */
function shiftedRow(row: number, shape: readonly number[], offset: readonly number[]): number | null {
  let rest = row;
  let stride = 1;
  let shifted = 0;
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const extent = shape[axis] ?? 1;
    const at = (rest % extent) + (offset[axis] ?? 0);
    if (at < 0 || at >= extent) return null;
    shifted += at * stride;
    stride *= extent;
    rest = Math.floor(rest / extent);
  }
  return shifted;
}
