import { product } from '#core/geometry/axes.ts';

/** A piece of a case. `image` is (C, ...shape), `label` (...shape), both C order; -1 outside the nonzero mask. */
export interface Patch {
  readonly channels: number;
  /** Network order, 2 or 3 axes. */
  readonly shape: readonly number[];
  readonly image: Float32Array;
  readonly label: Int16Array;
  /** What the stage before a cascade predicted; `null` where there is none, or it has become channels of the image. */
  readonly previousStage: PreviousStage | null;
}

/** A label map of another network, (...shape), -1 outside, and the foreground labels it may hold. */
export interface PreviousStage {
  readonly map: Int16Array;
  readonly labels: readonly number[];
}

/** The same with its map changed. */
export const withMap = (
  previousStage: PreviousStage | null,
  change: (map: Int16Array) => Int16Array,
): PreviousStage | null => previousStage && { ...previousStage, map: change(previousStage.map) };

/** Where a box lies in an array that it may reach out of. All of one number of axes. */
export interface Box {
  /** First voxel; may be negative. */
  readonly corner: readonly number[];
  readonly extent: readonly number[];
}

/** The voxels of `channels` arrays of `shape` inside a box, with `outside` where the box reaches out. */
export function cutBox<T extends Float32Array | Int16Array>(
  values: T,
  channels: number,
  shape: readonly number[],
  box: Box,
  outside: number,
): T {
  const size = product(shape);
  const cutSize = product(box.extent);
  const cut = new (values.constructor as new (length: number) => T)(channels * cutSize).fill(outside) as T;
  for (let channel = 0; channel < channels; channel++)
    copyRows(values.subarray(channel * size), shape, box, cut.subarray(channel * cutSize));
  return cut;
}

/** Copies the rows (runs of the last axis) that lie inside both the array and the box. */
function copyRows(from: Float32Array | Int16Array, shape: readonly number[], box: Box, to: typeof from): void {
  const last = shape.length - 1;
  const width = box.extent[last] ?? 0;
  const low = Math.max(0, -(box.corner[last] ?? 0));
  const high = Math.min(width, (shape[last] ?? 0) - (box.corner[last] ?? 0));
  if (high <= low) return;
  const rows = product(box.extent.slice(0, last));
  for (let row = 0; row < rows; row++) {
    const start = rowStart(row, shape, box);
    if (start !== null) to.set(from.subarray(start + low, start + high), row * width + low);
  }
}

/** Index in the array of a box row's first voxel, counted as if rows had no ends; `null` if the row lies outside. */
function rowStart(row: number, shape: readonly number[], { corner, extent }: Box): number | null {
  const last = shape.length - 1;
  let start = corner[last] ?? 0;
  let stride = shape[last] ?? 0;
  let rest = row;
  for (let axis = last - 1; axis >= 0; axis--) {
    const count = extent[axis] ?? 1;
    const position = (corner[axis] ?? 0) + (rest % count);
    if (position < 0 || position >= (shape[axis] ?? 0)) return null;
    start += position * stride;
    stride *= shape[axis] ?? 0;
    rest = Math.floor(rest / count);
  }
  return start;
}

/** The middle of a patch, start floor(n / 2) - floor(patch / 2) per axis. */
export function centreCrop(patch: Patch, extent: readonly number[]): Patch {
  if (extent.every((n, axis) => n === patch.shape[axis])) return patch;
  const corner = patch.shape.map((n, axis) => Math.floor(n / 2) - Math.floor((extent[axis] ?? 0) / 2));
  return {
    channels: patch.channels,
    shape: extent,
    image: cutBox(patch.image, patch.channels, patch.shape, { corner, extent }, 0),
    label: cutBox(patch.label, 1, patch.shape, { corner, extent }, -1),
    previousStage: withMap(patch.previousStage, (map) => cutBox(map, 1, patch.shape, { corner, extent }, -1)),
  };
}

/** Each channel through a function of the channel's voxels and its index. */
export function mapChannels(
  image: Float32Array,
  channels: number,
  change: (channel: Float32Array, index: number) => Float32Array,
): Float32Array {
  const size = image.length / channels;
  const changed = new Float32Array(image.length);
  for (let index = 0; index < channels; index++)
    changed.set(change(image.subarray(index * size, (index + 1) * size), index), index * size);
  return changed;
}

/** A whole case as arrays: `image` (C, ...shape), `label` (...shape). */
export interface CaseArrays {
  readonly channels: number;
  /** Network order. */
  readonly shape: readonly [number, number, number];
  readonly image: Float32Array;
  readonly label: Int16Array;
  readonly previousStage: PreviousStage | null;
}

/**
 * The patch of a case that starts at `corner`: image 0 and label -1 outside the case.
 *
 * @param extent 3 axes, or 2 for the slice at `corner[0]`.
 */
export function cutPatch(from: CaseArrays, corner: readonly number[], extent: readonly number[]): Patch {
  const box = { corner, extent: extent.length === 2 ? [1, ...extent] : extent };
  return {
    channels: from.channels,
    shape: extent,
    image: cutBox(from.image, from.channels, from.shape, box, 0),
    label: cutBox(from.label, 1, from.shape, box, -1),
    previousStage: withMap(from.previousStage, (map) => cutBox(map, 1, from.shape, box, -1)),
  };
}
