// Transposed convolution whose kernel is its stride: each voxel becomes a block of voxels by one matrix product.

import * as tf from '@tensorflow/tfjs-core';
import { type Activation, asVolume, voxelsOf } from './spatial-tensors.ts';

type Triple = readonly [number, number, number];

/** @param weight PyTorch's (in, out, ...stride). */
export function convolveTransposed(input: Activation, weight: tf.Tensor, stride: readonly number[]): Activation {
  return tf.tidy(() => {
    const block = asVolume(stride, 1);
    const blocks = tf.matMul(voxelsOf(input), blockMatrix(weight, block));
    const [n, d, h, w] = input.shape;
    return spreadBlocks(tf.reshape(blocks, [n, d, h, w, -1]), block, weight.shape[1] ?? 0);
  });
}

/** Gradients of `convolveTransposed` with respect to its input and its weight. */
export function convolveTransposedBackward(
  input: Activation,
  weight: tf.Tensor,
  stride: readonly number[],
  gradient: Activation,
): { input: Activation; weight: tf.Tensor } {
  return tf.tidy(() => {
    const block = asVolume(stride, 1);
    const [from = 0, out = 0] = weight.shape;
    const ofBlocks = voxelsOf(gatherBlocks(gradient, block));
    const ofMatrix = tf.matMul(tf.transpose(voxelsOf(input)), ofBlocks);
    return {
      input: tf.reshape(tf.matMul(ofBlocks, tf.transpose(blockMatrix(weight, block))), input.shape),
      weight: tf.reshape(tf.transpose(tf.reshape(ofMatrix, [from, -1, out]), [0, 2, 1]), weight.shape),
    };
  });
}

/** (in, out, ...stride) as a matrix from one voxel to its block: (in, block voxels * out). */
function blockMatrix(weight: tf.Tensor, block: Triple): tf.Tensor2D {
  const [from = 0, out = 0] = weight.shape;
  const voxels = block[0] * block[1] * block[2];
  return tf.reshape(tf.transpose(tf.reshape(weight, [from, out, voxels]), [0, 2, 1]), [
    from,
    voxels * out,
  ]) as tf.Tensor2D;
}

/** (N, D, H, W, a * b * c * C) → (N, D * a, H * b, W * c, C), in two moves of four axes each. */
function spreadBlocks(blocks: Activation, [a, b, c]: Triple, channels: number): Activation {
  const [n, d, h, w] = blocks.shape;
  const slices = tf.transpose(tf.reshape(blocks, [n * d, h * w, a, b * c * channels]), [0, 2, 1, 3]);
  const rows = tf.transpose(tf.reshape(slices, [n * d * a * h, w, b, c * channels]), [0, 2, 1, 3]);
  return tf.reshape(rows, [n, d * a, h * b, w * c, channels]);
}

/** The inverse of `spreadBlocks`. */
function gatherBlocks(spread: Activation, [a, b, c]: Triple): Activation {
  const [n, depth, height, width, channels] = spread.shape;
  const [d, h, w] = [depth / a, height / b, width / c];
  const rows = tf.transpose(tf.reshape(spread, [n * depth * h, b, w, c * channels]), [0, 2, 1, 3]);
  const blocks = tf.transpose(tf.reshape(rows, [n * d, a, h * w, b * c * channels]), [0, 2, 1, 3]);
  return tf.reshape(blocks, [n, d, h, w, a * b * c * channels]);
}
