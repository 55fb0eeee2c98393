// Convolutions as sums of matrix products, one per kernel offset: y = Σ_k window_k(x) W_k. Every offset sees a window of
// the padded input, and so do the gradients.
//
// The WASM backend of tfjs 4.22 has kernels for conv3d and its gradients, but Conv3DBackpropInputV2 and
// Conv3DBackpropFilterV2 differ from the CPU backend's for strides above 1 (the former for any depth above 1), and
// Conv3D takes six times as long as this sum.

import * as tf from '@tensorflow/tfjs-core';
import { type Activation, asVolume, everyNth, spreadOut, voxelsOf, window, withMargin } from './spatial-tensors.ts';

type Triple = readonly [number, number, number];

/** As the graph gives them, 2 or 3 axes. */
export interface ConvolutionExtents {
  /** Odd. */
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
}

/** A convolution with PyTorch's padding of (k - 1) / 2 on both sides and its weight (out, in, ...kernel). */
export function convolve(input: Activation, weight: tf.Tensor, extents: ConvolutionExtents): Activation {
  return tf.tidy(() => {
    const windows = new Windows(input.shape, extents);
    const padded = windows.pad(input);
    const products = windows.offsets.map(
      (offset, k) => () => tf.matMul(voxelsOf(windows.at(padded, offset)), tf.transpose(offsetMatrix(weight, k))),
    );
    return tf.reshape(sumOf(products), [...windows.outputShape, weight.shape[0] ?? 0] as Activation['shape']);
  });
}

/** Gradients of `convolve` with respect to its input and its weight. */
export function convolveBackward(
  input: Activation,
  weight: tf.Tensor,
  extents: ConvolutionExtents,
  gradient: Activation,
): { input: Activation; weight: tf.Tensor } {
  return tf.tidy(() => {
    const windows = new Windows(input.shape, extents);
    const padded = windows.pad(input);
    const ofOutput = voxelsOf(gradient);
    // Transposed beforehand: the WASM backend multiplies matrices that it has to transpose some five times slower.
    const ofOutputByChannel = tf.transpose(ofOutput) as tf.Tensor2D;
    const ofMatrices = windows.offsets.map((offset) =>
      tf.tidy(() => tf.matMul(ofOutputByChannel, voxelsOf(windows.at(padded, offset)))),
    );
    // Input voxel i met the kernel at offset k under the output voxel i - k: the same sum over mirrored offsets.
    const spread = windows.pad(spreadOut(gradient, windows.stride));
    const ofInput = windows.offsets.map(
      (offset, k) => () => tf.matMul(voxelsOf(windows.mirrored(spread, offset)), offsetMatrix(weight, k)),
    );
    return {
      input: tf.reshape(sumOf(ofInput), input.shape),
      // (K, out, in) → (out, in, ...kernel)
      weight: tf.reshape(tf.transpose(tf.stack(ofMatrices), [1, 2, 0]), weight.shape),
    };
  });
}

/** The part of (out, in, ...kernel) that belongs to the k-th kernel offset, as a matrix (out, in). */
function offsetMatrix(weight: tf.Tensor, k: number): tf.Tensor2D {
  const [out = 0, from = 0] = weight.shape;
  const ofOffset = tf.slice(tf.reshape(weight, [out, from, -1]), [0, 0, k], [out, from, 1]);
  return tf.reshape(ofOffset, [out, from]) as tf.Tensor2D;
}

/** The sum of what the functions compute, with one of them in memory at a time. */
function sumOf<T extends tf.Tensor>(terms: readonly (() => T)[]): T {
  const [first, ...rest] = terms;
  if (!first) throw new RangeError('expected at least one kernel offset, got none');
  let sum = tf.tidy(first);
  for (const term of rest) {
    const next = tf.tidy(() => tf.add<T>(sum, term()));
    sum.dispose();
    sum = next;
  }
  return sum;
}

/** The windows that the offsets of one kernel see of a padded input. */
class Windows {
  readonly offsets: readonly Triple[];
  /** (N, D, H, W) */
  readonly outputShape: readonly [number, number, number, number];
  readonly stride: Triple;
  readonly #inputExtent: Triple;
  readonly #margin: Triple;

  constructor([samples, ...rest]: Activation['shape'], { kernel, stride }: ConvolutionExtents) {
    const [depth, height, width] = rest;
    const [kd, kh, kw] = asVolume(kernel, 1);
    const [sd, sh, sw] = asVolume(stride, 1);
    this.#inputExtent = [depth, height, width];
    this.stride = [sd, sh, sw];
    this.#margin = [(kd - 1) / 2, (kh - 1) / 2, (kw - 1) / 2];
    this.outputShape = [samples, depth / sd, height / sh, width / sw];
    this.offsets = range(kd).flatMap((d) => range(kh).flatMap((h) => range(kw).map((w): Triple => [d, h, w])));
  }

  pad(input: Activation): Activation {
    return withMargin(input, this.#margin);
  }

  /** What output voxels see at an offset: the voxels from there on, at the stride's pace. */
  at(padded: Activation, offset: Triple): Activation {
    return everyNth(window(padded, offset, this.#inputExtent), this.stride);
  }

  /** What input voxels see at the mirrored offset of a padded gradient that was spread out to the input's extent. */
  mirrored(padded: Activation, [d, h, w]: Triple): Activation {
    const [md, mh, mw] = this.#margin;
    return window(padded, [2 * md - d, 2 * mh - h, 2 * mw - w], this.#inputExtent);
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
