import { philoxNormals } from '#core/random/philox.ts';
import type { NoisePlan } from '#core/training/batch-plan.ts';

/** Below this a range or standard deviation counts as none; batchgeneratorsv2's constant. */
const smallest = 1e-7;

/** All channels with Gaussian noise added: voxel i gets `sigma` times normal number i of the plan's stream. */
export function addNoise(image: Float32Array, { sigma, key }: NoisePlan): Float32Array {
  const normals = philoxNormals(key, image.length);
  return image.map((value, i) => value + Math.fround(sigma * (normals[i] ?? 0)));
}

/** One channel times `factor`. */
export const brighten = (channel: Float32Array, factor: number): Float32Array => channel.map((value) => value * factor);

/** One channel stretched about its mean by `factor` and clipped to the range it had. */
export function stretchContrast(channel: Float32Array, factor: number): Float32Array {
  const { mean, min, max } = statistics(channel);
  return channel.map((value) => Math.min(max, Math.max(min, (value - mean) * factor + mean)));
}

/**
 * One channel through a power curve over its range, its mean and (n - 1) standard deviation then restored.
 *
 * @see batchgeneratorsv2, GammaTransform with p_retain_stats 1
 */
export function correctGamma(channel: Float32Array, exponent: number): Float32Array {
  const before = statistics(channel);
  const range = before.max - before.min;
  const curved = channel.map(
    (value) => ((value - before.min) / Math.max(range, smallest)) ** exponent * range + before.min,
  );
  const after = statistics(curved);
  const scale = before.deviation / Math.max(after.deviation, smallest);
  return curved.map((value) => (value - after.mean) * scale + before.mean);
}

/** As `correctGamma` on the negated channel, negated back: the bright end is bent instead of the dark one. */
export const correctGammaInverted = (channel: Float32Array, exponent: number): Float32Array =>
  correctGamma(
    channel.map((value) => -value),
    exponent,
  ).map((value) => -value);

function statistics(channel: Float32Array): { mean: number; deviation: number; min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const value of channel) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  const mean = sum / channel.length;
  const squares = channel.reduce((total, value) => total + (value - mean) ** 2, 0);
  return { mean, min, max, deviation: Math.sqrt(squares / Math.max(1, channel.length - 1)) };
}
