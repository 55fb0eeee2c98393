import { product } from '#core/geometry/axes.ts';

/** For each voxel of a new extent along one axis: which old voxels to read, and how much of each. */
export type LineWeights = readonly { readonly from: readonly number[]; readonly weights: readonly number[] }[];

/**
 * An array of `shape` whose `axis` is recomputed line by line: new voxel i is the weighted sum that `lines[i]` names.
 *
 * Blurring and linear interpolation are one such pass per axis. Sums in float64, stored as float32.
 */
export function combineAlongAxis(
  values: Float32Array,
  shape: readonly number[],
  axis: number,
  lines: LineWeights,
): Float32Array {
  const inner = product(shape.slice(axis + 1));
  const extent = shape[axis] ?? 1;
  const outer = values.length / (inner * extent);
  const combined = new Float32Array(outer * lines.length * inner);
  for (let o = 0; o < outer; o++)
    for (const [i, { from, weights }] of lines.entries())
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        for (let t = 0; t < from.length; t++)
          sum += (weights[t] ?? 0) * (values[(o * extent + (from[t] ?? 0)) * inner + k] ?? 0);
        combined[(o * lines.length + i) * inner + k] = sum;
      }
  return combined;
}

/**
 * The old voxel nearest to each of `to` new ones spread over `from` old ones: floor((i + 0.5) * from / to).
 *
 * From 5 to 3: 0, 2, 4.
 *
 * @see PyTorch, interpolate(mode='nearest-exact')
 */
export const nearestExact = (from: number, to: number): number[] =>
  Array.from({ length: to }, (_, i) => Math.min(from - 1, Math.floor(((i + 0.5) * from) / to)));
