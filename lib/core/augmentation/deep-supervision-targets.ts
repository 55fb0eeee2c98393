import { product } from '#core/geometry/axes.ts';
import { nearestExact } from './axis-lines.ts';

/** A label map picked down (nearest) to the extent of a lower output of the network. */
export function downsampleLabels(label: Int16Array, from: readonly number[], to: readonly number[]): Int16Array {
  const sources = from.map((extent, axis) => nearestExact(extent, to[axis] ?? extent));
  const picked = new Int16Array(product(to));
  for (let voxel = 0; voxel < picked.length; voxel++) {
    let rest = voxel;
    let index = 0;
    let stride = 1;
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const extent = to[axis] ?? 1;
      index += (sources[axis]?.[rest % extent] ?? 0) * stride;
      rest = Math.floor(rest / extent);
      stride *= from[axis] ?? 1;
    }
    picked[voxel] = label[index] ?? 0;
  }
  return picked;
}
