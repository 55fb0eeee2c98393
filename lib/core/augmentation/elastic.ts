import { product } from '#core/geometry/axes.ts';
import { philoxNormals } from '#core/random/philox.ts';
import type { ElasticPlan } from '#core/training/batch-plan.ts';
import { combineAlongAxis, type LineWeights } from './axis-lines.ts';

/**
 * The displacement that a plan names, (d, ...extent) in voxels along each axis, its mean taken off so that the patch
 * stays where it is.
 */
export function elasticDisplacement(plan: ElasticPlan, extent: readonly number[]): Float32Array {
  const voxels = product(extent);
  const normals = philoxNormals(plan.key, extent.length * voxels);
  const kernel = gaussianKernel(plan.sigma);
  const fields = extent.map((_, along) => {
    const noise = normals.subarray(along * voxels, (along + 1) * voxels).map((value) => value * plan.amplitude);
    return extent.reduce<Float32Array>(
      (field, n, axis) => combineAlongAxis(field, extent, axis, linesWithin(n, kernel)),
      noise,
    );
  });
  return centred(fields);
}

/** Fields one after another, each without its mean. */
export function centred(fields: readonly Float32Array[]): Float32Array {
  const voxels = fields[0]?.length ?? 0;
  const joined = new Float32Array(fields.length * voxels);
  for (const [i, field] of fields.entries()) {
    const mean = field.reduce((sum, value) => sum + value, 0) / voxels;
    joined.set(
      field.map((value) => value - mean),
      i * voxels,
    );
  }
  return joined;
}

/** Cut at 4 sigma, adding up to 1, as SciPy's gaussian_filter has it. */
function gaussianKernel(sigma: number): number[] {
  const radius = Math.floor(4 * sigma + 0.5);
  const samples = Array.from({ length: 2 * radius + 1 }, (_, i) => Math.exp(-0.5 * ((i - radius) / sigma) ** 2));
  const sum = samples.reduce((a, b) => a + b, 0);
  return samples.map((sample) => sample / sum);
}

/** What lies outside counts 0. */
function linesWithin(extent: number, kernel: readonly number[]): LineWeights {
  const radius = (kernel.length - 1) / 2;
  return Array.from({ length: extent }, (_, i) => {
    const first = Math.max(0, i - radius);
    const last = Math.min(extent - 1, i + radius);
    return {
      from: Array.from({ length: last - first + 1 }, (_, k) => first + k),
      weights: kernel.slice(first - i + radius, last - i + radius + 1),
    };
  });
}
