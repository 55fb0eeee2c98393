import { roundHalfEven } from '#core/geometry/rounding.ts';
import { gaussianWeight } from './gaussian-weight.ts';
import type { TilePlan } from './tile-plan.ts';

/**
 * Start voxels of the tiles along one axis.
 *
 * The step is at most `tile * stepFraction` and shrinks so that the last tile ends flush with the image: image 110,
 * tile 64, stepFraction 0.5 gives starts 0, 23, 46.
 *
 * @param image extent in voxels, at least `tile` (pad first).
 * @param tile extent in voxels.
 * @param stepFraction in (0, 1]; nnU-Net predicts with 0.5.
 * @returns ascending starts, the first 0, the last `image - tile`.
 * @throws {RangeError} if `image < tile` or `stepFraction` is outside (0, 1].
 * @see nnU-Net v2, inference/sliding_window_prediction.py, compute_steps_for_sliding_window
 */
export function tileStarts(image: number, tile: number, stepFraction: number): number[] {
  if (image < tile) throw new RangeError(`image extent ${image} is smaller than the tile ${tile}; pad the image first`);
  if (!(stepFraction > 0 && stepFraction <= 1))
    throw new RangeError(`stepFraction must be in (0, 1], got ${stepFraction}`);
  const lastStart = image - tile;
  const count = Math.ceil(lastStart / (tile * stepFraction)) + 1;
  const step = count > 1 ? lastStart / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => roundHalfEven(step * i));
}

/**
 * Where the tiles of an image lie and how they are weighed.
 *
 * @param imageShape the axes that are tiled: three, or the last two of a volume that is predicted slice by slice. At
 * least a tile on each; see `padToTile`.
 * @param mirrorAxes indices into `tileSize`; empty for no mirroring.
 * @throws {RangeError} when image and tile have different numbers of axes, or the image is smaller than a tile.
 */
export function tilePlan(
  imageShape: readonly number[],
  tileSize: readonly number[],
  stepFraction: number,
  mirrorAxes: readonly number[],
): TilePlan {
  if (imageShape.length !== tileSize.length) {
    throw new RangeError(`an image of ${imageShape.length} axes has no tiles of ${tileSize.length} axes`);
  }
  return {
    tileSize: [...tileSize],
    starts: tileSize.map((tile, axis) => tileStarts(imageShape[axis] ?? 0, tile, stepFraction)),
    weight: gaussianWeight(tileSize),
    mirrorAxes: [...mirrorAxes],
  };
}
