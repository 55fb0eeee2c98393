// How tensors lie inside this engine: (N, D, H, W, C), channels last, so that a voxel is a row of a matrix. A 2D network
// runs with D = 1. At the port they are (N, C, ...spatial).
//
// Slices are taken on at most four axes, neighbours merged: the WASM backend slices five voxel by voxel, some 300 times
// slower.

import * as tf from '@tensorflow/tfjs-core';
import { product } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';

/** An activation, (N, D, H, W, C). */
export type Activation = tf.Tensor5D;

type Triple = readonly [number, number, number];

/** Three numbers per axis; a 2D vector gets `missing` in front. */
export function asVolume(values: readonly number[], missing: number): [number, number, number] {
  const [a = missing, b = missing, c = missing] = values.length === 2 ? [missing, ...values] : values;
  return [a, b, c];
}

/** (N, C, ...spatial) → (N, D, H, W, C). */
export function toActivation({ shape, data }: Tensor): Activation {
  const [samples = 0, channels = 0, ...spatial] = shape;
  return tf.transpose(tf.tensor5d(data, [samples, channels, ...asVolume(spatial, 1)]), [0, 2, 3, 4, 1]);
}

/** (N, D, H, W, C) → (N, C, ...spatial), spatial without D for 2 `dimensions`. */
export function toPortTensor(activation: Activation, dimensions: 2 | 3): Tensor {
  const [samples, depth, height, width, channels] = activation.shape;
  const spatial = dimensions === 2 ? [height, width] : [depth, height, width];
  const data = tf.transpose(activation, [0, 4, 1, 2, 3]).dataSync<'float32'>();
  return { shape: [samples, channels, ...spatial], data: new Float32Array(data) };
}

/** One row per voxel, one column per channel. */
export const voxelsOf = (activation: Activation): tf.Tensor2D =>
  tf.reshape(activation, [-1, activation.shape[4]]) as tf.Tensor2D;

/** With `margin` zeros before and after each spatial axis. */
export function withMargin(activation: Activation, [d, h, w]: Triple): Activation {
  if (d + h + w === 0) return activation;
  return tf.pad(activation, [
    [0, 0],
    [d, d],
    [h, h],
    [w, w],
    [0, 0],
  ]);
}

/** The voxels from `start` on, `extent` of them per spatial axis. */
export function window(activation: Activation, start: Triple, extent: Triple): Activation {
  const [n, d, h, w, c] = activation.shape;
  if (d === extent[0] && h === extent[1] && w === extent[2]) return activation;
  const rows = tf.reshape(activation, [n, d, h, w * c]);
  const cut = tf.slice(rows, [0, start[0], start[1], start[2] * c], [n, extent[0], extent[1], extent[2] * c]);
  return tf.reshape(cut, [n, ...extent, c]);
}

/** Every stride-th voxel of each spatial axis, from the first on. Extents must be multiples of the stride. */
export function everyNth(activation: Activation, stride: Triple): Activation {
  return stride.reduce((thinned: Activation, step, axis) => {
    if (step === 1) return thinned;
    const { shape, outer, count, inner } = aroundAxis(thinned, axis + 1);
    const steps = tf.reshape(thinned, [outer, count / step, step * inner]);
    const firsts = tf.slice(steps, [0, 0, 0], [outer, count / step, inner]);
    return tf.reshape(firsts, shape.with(axis + 1, count / step) as Activation['shape']);
  }, activation);
}

/** The adjoint of `everyNth`: each voxel followed by stride - 1 zeros along each spatial axis. */
export function spreadOut(activation: Activation, stride: Triple): Activation {
  return stride.reduce((spread: Activation, step, axis) => {
    if (step === 1) return spread;
    const { shape, outer, count, inner } = aroundAxis(spread, axis + 1);
    const steps = tf.pad(tf.reshape(spread, [outer * count, inner]), [
      [0, 0],
      [0, (step - 1) * inner],
    ]);
    return tf.reshape(steps, shape.with(axis + 1, count * step) as Activation['shape']);
  }, activation);
}

/** The mean over each block of stride voxels. Extents must be multiples of the stride. */
export function averageBlocks(activation: Activation, stride: Triple): Activation {
  return stride.reduce((averaged: Activation, step, axis) => {
    if (step === 1) return averaged;
    const { shape, outer, count, inner } = aroundAxis(averaged, axis + 1);
    const means = tf.mean(tf.reshape(averaged, [outer * (count / step), step, inner]), 1);
    return tf.reshape(means, shape.with(axis + 1, count / step) as Activation['shape']);
  }, activation);
}

/** The adjoint of `averageBlocks`: each voxel's share to every voxel of its block. */
export function spreadAverages(activation: Activation, stride: Triple): Activation {
  return stride.reduce((spread: Activation, step, axis) => {
    if (step === 1) return spread;
    const { shape, outer, count, inner } = aroundAxis(spread, axis + 1);
    const shares = tf.tile(tf.reshape(tf.div(spread, step), [outer * count, 1, inner]), [1, step, 1]);
    return tf.reshape(shares, shape.with(axis + 1, count * step) as Activation['shape']);
  }, activation);
}

/** Sizes of what lies before, on and after an axis. */
function aroundAxis(
  { shape }: Activation,
  axis: number,
): { shape: readonly number[]; outer: number; count: number; inner: number } {
  return {
    shape,
    outer: product(shape.slice(0, axis)),
    count: shape[axis] ?? 0,
    inner: product(shape.slice(axis + 1)),
  };
}
