/** Where to cut and how to weigh, computed in `lib/core/inference`. The image is already padded to at least one tile. */
export interface TilePlan {
  /** Tile extent, network order, 2 or 3 axes. */
  readonly tileSize: readonly number[];
  /** Ascending tile starts per axis of `tileSize`; a tile stands at each combination. */
  readonly starts: readonly (readonly number[])[];
  /** Weight of each voxel of a tile, C order, `product(tileSize)` entries, all above 0. */
  readonly weight: Float32Array;
  /** Axes to mirror, as indices into `tileSize`; empty for none. */
  readonly mirrorAxes: readonly number[];
}
