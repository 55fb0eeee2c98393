/** A dense float32 array. `data` is C order and has `product(shape)` entries. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Tensors by name, in the order they were put in. Names are nnU-Net's state_dict names. */
export type Tensors = ReadonlyMap<string, Tensor>;
