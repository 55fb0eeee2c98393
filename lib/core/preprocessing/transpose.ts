import { type AxisPermutation, product, toNet } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';

type Triple = readonly [number, number, number];

/** How far apart neighbours along each network axis lie in a (z, y, x) array. */
export function netStrides([, ny, nx]: Triple, forward: AxisPermutation): Triple {
  const strides = [ny * nx, nx, 1] as const;
  return [strides[forward[0]] ?? 0, strides[forward[1]] ?? 0, strides[forward[2]] ?? 0];
}

/** An image in network order, spacing included. If no axis moves, the voxels are shared. */
export function imageToNet(image: Image<'zyx'>, forward: AxisPermutation): Image<'net'> {
  const { channels } = image;
  const grid = { channels, shape: toNet(image.shape, forward), spacing: toNet(image.spacing, forward) };
  if (isIdentity(forward)) return { ...grid, data: image.data };
  const data = new Float32Array(image.data.length);
  const voxels = product(image.shape);
  for (let c = 0; c < channels; c++) {
    const channel = image.data.subarray(c * voxels, (c + 1) * voxels);
    gather(channel, netStrides(image.shape, forward), data.subarray(c * voxels, (c + 1) * voxels), grid.shape);
  }
  return { ...grid, data };
}

/** A label map in network order, spacing included. If no axis moves, the voxels are shared. */
export function labelToNet(label: LabelMap<'zyx'>, forward: AxisPermutation): LabelMap<'net'> {
  const grid = { shape: toNet(label.shape, forward), spacing: toNet(label.spacing, forward) };
  if (isIdentity(forward)) return { ...grid, data: label.data };
  const data = new Int16Array(label.data.length);
  gather(label.data, netStrides(label.shape, forward), data, grid.shape);
  return { ...grid, data };
}

const isIdentity = (forward: AxisPermutation): boolean => forward.every((axis, i) => axis === i);

function gather(
  from: Float32Array | Int16Array,
  [s0, s1, s2]: Triple,
  to: Float32Array | Int16Array,
  [n0, n1, n2]: Triple,
): void {
  let at = 0;
  for (let a = 0; a < n0; a++) {
    for (let b = 0; b < n1; b++) {
      const row = a * s0 + b * s1;
      for (let c = 0; c < n2; c++) to[at++] = from[row + c * s2] ?? 0;
    }
  }
}
