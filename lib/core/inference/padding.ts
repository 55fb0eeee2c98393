import { product } from '#core/geometry/axes.ts';
import type { Image } from '#core/geometry/volume.ts';
import type { Tensor } from '#core/network/tensor.ts';

export interface Padded {
  /** (C, ...net), at least a tile on each tiled axis. */
  readonly tensor: Tensor;
  /** Cuts logits (heads, ...padded) back to the image's extent. */
  unpad(logits: Tensor): Tensor;
}

/**
 * Pads an image with 0 to at least one tile, half of the difference (rounded down) before it and the rest after.
 *
 * A 2D tile pads the two in-plane axes. An image that is large enough is not copied.
 *
 * @param tile two or three axes, network order.
 */
export function padToTile(image: Image<'net'>, tile: readonly number[]): Padded {
  const untiled = image.shape.length - tile.length;
  const padded = image.shape.map((n, axis) => Math.max(n, tile[axis - untiled] ?? 0));
  const low = image.shape.map((n, axis) => Math.floor(((padded[axis] ?? n) - n) / 2));
  const shape = [image.channels, ...padded];
  if (padded.join() === image.shape.join()) {
    return { tensor: { shape, data: image.data }, unpad: (logits) => logits };
  }
  const data = new Float32Array(product(shape));
  forEachRow(image.channels, image.shape, padded, low, (inner, outer, length) => {
    data.set(image.data.subarray(inner, inner + length), outer);
  });
  return { tensor: { shape, data }, unpad: (logits) => cutBack(logits, image.shape, padded, low) };
}

function cutBack(
  { shape, data }: Tensor,
  inner: readonly number[],
  padded: readonly number[],
  low: readonly number[],
): Tensor {
  const [heads = 0, ...extent] = shape;
  if (extent.join() !== padded.join()) {
    throw new RangeError(`expected logits of ${padded.join(' x ')} voxels as padded, got ${extent.join(' x ')}`);
  }
  const cut = new Float32Array(heads * product(inner));
  forEachRow(heads, inner, padded, low, (to, from, length) => {
    cut.set(data.subarray(from, from + length), to);
  });
  return { shape: [heads, ...inner], data: cut };
}

/** Visits the rows along the last axis of an array that lies inside a padded one, with their starts in both. */
function forEachRow(
  channels: number,
  [nz = 1, ny = 1, nx = 1]: readonly number[],
  [pz = 1, py = 1, px = 1]: readonly number[],
  [z0 = 0, y0 = 0, x0 = 0]: readonly number[],
  visit: (inner: number, outer: number, length: number) => void,
): void {
  for (let c = 0; c < channels; c++) {
    for (let z = 0; z < nz; z++) {
      for (let y = 0; y < ny; y++) {
        visit(((c * nz + z) * ny + y) * nx, ((c * pz + z + z0) * py + y + y0) * px + x0, nx);
      }
    }
  }
}
