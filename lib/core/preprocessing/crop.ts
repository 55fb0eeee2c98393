import { type Axes, inAxesOf, product, type Shape } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { fillHoles } from './fill-holes.ts';

/** Half-open [low, high) per axis. */
export type Box = readonly [readonly [number, number], readonly [number, number], readonly [number, number]];

/** A case cut to the tight box of its nonzero voxels. */
export interface Cropped<A extends Axes> {
  readonly image: Image<A>;
  /** As given, but -1 where it was 0 outside the nonzero mask. Without a label: 0 inside the mask, -1 outside. */
  readonly label: LabelMap<A>;
  readonly box: Box;
}

/**
 * Cuts a case to what is not background.
 *
 * The mask is where any channel differs from 0, with its 3D holes filled; the box is the mask's tight box. An image of
 * zeros keeps its extent, and all of its background is outside the mask.
 *
 * @param label on the image's grid, or `null`.
 * @throws {RangeError} when the label has another shape than the image.
 * @see nnU-Net v2, preprocessing/cropping/cropping.py, crop_to_nonzero
 */
export function cropToNonzero<A extends Axes>(image: Image<A>, label: LabelMap<A> | null): Cropped<A> {
  if (label && label.shape.join() !== image.shape.join()) {
    throw new RangeError(`image is ${image.shape.join(' x ')}, its label ${label.shape.join(' x ')}`);
  }
  const whole = nonzeroMask(image);
  const box = tightBox(whole, image.shape);
  // Holes never reach past the tight box, so they are looked for inside it.
  const mask = cutOut(whole, image.shape, box);
  const shape = extentOf(image.shape, box);
  fillHoles(mask, shape);
  return {
    image: { ...image, shape, data: cutImage(image, box) },
    label: { shape, spacing: image.spacing, data: markOutside(label && cutOut(label.data, label.shape, box), mask) },
    box,
  };
}

const extentOf = <A extends Axes>(like: Shape<A>, box: Box): Shape<A> =>
  inAxesOf(
    like,
    box.map(([low, high]) => high - low),
  );

function nonzeroMask<A extends Axes>(image: Image<A>): Uint8Array {
  const voxels = product(image.shape);
  const mask = new Uint8Array(voxels);
  for (let c = 0; c < image.channels; c++) {
    const channel = image.data.subarray(c * voxels, (c + 1) * voxels);
    for (let i = 0; i < voxels; i++) if (channel[i] !== 0) mask[i] = 1;
  }
  return mask;
}

/** The smallest box that holds every set voxel; the whole volume when none is set. */
function tightBox(mask: Uint8Array, [nz, ny, nx]: readonly [number, number, number]): Box {
  const low = [nz, ny, nx] as [number, number, number];
  const high = [0, 0, 0] as [number, number, number];
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const row = mask.subarray((z * ny + y) * nx, (z * ny + y + 1) * nx);
      const first = row.indexOf(1);
      if (first < 0) continue;
      low[0] = Math.min(low[0], z);
      low[1] = Math.min(low[1], y);
      low[2] = Math.min(low[2], first);
      high[0] = z + 1;
      high[1] = Math.max(high[1], y + 1);
      high[2] = Math.max(high[2], row.lastIndexOf(1) + 1);
    }
  }
  if (high[0] === 0)
    return [
      [0, nz],
      [0, ny],
      [0, nx],
    ];
  return [
    [low[0], high[0]],
    [low[1], high[1]],
    [low[2], high[2]],
  ];
}

function cutImage<A extends Axes>(image: Image<A>, box: Box): Float32Array {
  const voxels = product(image.shape);
  const kept = product(extentOf(image.shape, box));
  if (kept === voxels) return image.data;
  const out = new Float32Array(image.channels * kept);
  for (let c = 0; c < image.channels; c++) {
    out.set(cutOut(image.data.subarray(c * voxels, (c + 1) * voxels), image.shape, box), c * kept);
  }
  return out;
}

/** A copy of the voxels inside the box, C order. */
function cutOut<T extends Uint8Array | Int16Array | Float32Array>(
  data: T,
  [, ny, nx]: readonly [number, number, number],
  [[z0, z1], [y0, y1], [x0, x1]]: Box,
): T {
  const out = data.slice(0, (z1 - z0) * (y1 - y0) * (x1 - x0)) as T;
  let at = 0;
  for (let z = z0; z < z1; z++) {
    for (let y = y0; y < y1; y++) {
      const row = (z * ny + y) * nx;
      out.set(data.subarray(row + x0, row + x1), at);
      at += x1 - x0;
    }
  }
  return out;
}

/** -1 for background outside the mask. Changes and returns `label`, which is a copy of its own, or makes one. */
function markOutside(label: Int16Array | null, mask: Uint8Array): Int16Array {
  const out = label ?? new Int16Array(mask.length);
  for (let i = 0; i < out.length; i++) if (out[i] === 0 && mask[i] === 0) out[i] = -1;
  return out;
}
