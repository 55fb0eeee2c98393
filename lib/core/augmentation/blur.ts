import { combineAlongAxis, type LineWeights } from './axis-lines.ts';

/** Samples of a Gaussian, adding up to 1; their number is the odd one nearest to 6 sigma + 0.5. Sigma in voxels. */
export function blurKernel(sigma: number): number[] {
  const radius = Math.round((6 * sigma + 0.5 - 1) / 2);
  const samples = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = samples.reduce((a, b) => a + b, 0);
  return samples.map((sample) => sample / sum);
}

/**
 * One channel blurred axis by axis, reflected at its borders (the border voxel is not repeated).
 *
 * @param sigmas voxels, per axis of `shape`.
 * @see batchgeneratorsv2, GaussianBlurTransform
 */
export function blurChannel(channel: Float32Array, shape: readonly number[], sigmas: readonly number[]): Float32Array {
  return sigmas.reduce(
    (blurred, sigma, axis) => combineAlongAxis(blurred, shape, axis, blurLines(shape[axis] ?? 1, blurKernel(sigma))),
    channel,
  );
}

function blurLines(extent: number, kernel: readonly number[]): LineWeights {
  const radius = (kernel.length - 1) / 2;
  return Array.from({ length: extent }, (_, i) => ({
    from: kernel.map((_, k) => reflected(i + k - radius, extent)),
    weights: kernel,
  }));
}

/** Index after reflection at both ends: -1 → 1, extent → extent - 2; a single voxel reflects onto itself. */
function reflected(index: number, extent: number): number {
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const folded = ((index % period) + period) % period;
  return folded < extent ? folded : period - folded;
}
