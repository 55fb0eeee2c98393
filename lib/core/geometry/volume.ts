import type { Axes, Shape, Spacing } from './axes.ts';

/** One scalar per voxel on a regular grid. `data` is C order: the last axis of `shape` varies fastest. */
export interface Volume<A extends Axes, T extends VoxelArray> {
  readonly shape: Shape<A>;
  readonly spacing: Spacing<A>;
  readonly data: T;
}

/** The channels of one case on one grid. `data` is (C, ...shape) in C order. */
export interface Image<A extends Axes> {
  readonly channels: number;
  readonly shape: Shape<A>;
  readonly spacing: Spacing<A>;
  readonly data: Float32Array;
}

export type VoxelArray = Float32Array | Float64Array | Int16Array | Int32Array | Uint8Array | Uint16Array;

/** A label map: -1 outside the nonzero mask (preprocessed data only), 0 background, then the data set's labels. */
export type LabelMap<A extends Axes> = Volume<A, Int16Array>;
