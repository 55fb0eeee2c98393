import * as tf from '@tensorflow/tfjs-core';
import type { Activation } from './spatial-tensors.ts';

/** Mean 0 and variance 1 per sample and channel over space (population variance), then scale and shift per channel. */
export function instanceNorm(input: Activation, scale: tf.Tensor, shift: tf.Tensor, epsilon: number): Activation {
  const { normalized } = normalize(input, epsilon);
  return tf.reshape(tf.add(tf.mul(normalized, scale), shift), input.shape);
}

/** Gradients of `instanceNorm` with respect to its input, scale and shift. */
export function instanceNormBackward(
  input: Activation,
  scale: tf.Tensor,
  epsilon: number,
  gradient: Activation,
): { input: Activation; scale: tf.Tensor; shift: tf.Tensor } {
  const { normalized, inverseDeviation } = normalize(input, epsilon);
  const ofOutput = overSpace(gradient);
  const ofNormalized = tf.mul(ofOutput, scale);
  // The mean and the deviation depend on every voxel: what they pass on is subtracted.
  const throughMean = tf.mean(ofNormalized, 1, true);
  const throughDeviation = tf.mul(normalized, tf.mean(tf.mul(ofNormalized, normalized), 1, true));
  const ofInput = tf.mul(inverseDeviation, tf.sub(tf.sub(ofNormalized, throughMean), throughDeviation));
  return {
    input: tf.reshape(ofInput, input.shape),
    scale: tf.sum(tf.mul(ofOutput, normalized), [0, 1]),
    shift: tf.sum(ofOutput, [0, 1]),
  };
}

function normalize(input: Activation, epsilon: number): { normalized: tf.Tensor3D; inverseDeviation: tf.Tensor } {
  const values = overSpace(input);
  const roughly = tf.sub(values, tf.mean(values, 1, true));
  // Once more: the float32 mean of thousands of voxels is off by more than a small deviation bears.
  const centred = tf.sub(roughly, tf.mean(roughly, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  const inverseDeviation = tf.div(1, tf.sqrt(tf.add(variance, epsilon)));
  return { normalized: tf.mul(centred, inverseDeviation), inverseDeviation };
}

/** (N, voxels, C) */
function overSpace(activation: Activation): tf.Tensor3D {
  const [n, d, h, w, channels] = activation.shape;
  return tf.reshape(activation, [n, d * h * w, channels]);
}
