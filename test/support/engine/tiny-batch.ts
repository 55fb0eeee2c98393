import type { GatheredBatch } from '#compute/engine.ts';
import { downsampleLabels } from '#core/augmentation/deep-supervision-targets.ts';
import { product } from '#core/geometry/axes.ts';
import { tensorOf } from './sample-networks.ts';

/** The batch that `tinyUNet` is tried with: image cos(0.1 i), labels floor(i / 5) mod 3, targets of 3 outputs. */
export const tinyBatch = (): GatheredBatch =>
  formulaBatch({
    shape: [2, 1, 16, 16],
    image: (i) => Math.cos(0.1 * i),
    heads: 3,
    targetExtents: [
      [16, 16],
      [8, 8],
      [8, 4],
    ],
  });

interface Formula {
  /** (N, C, ...spatial) */
  readonly shape: readonly number[];
  readonly image: (i: number) => number;
  readonly heads: number;
  /** Per output; the first is the full extent. */
  readonly targetExtents: readonly (readonly number[])[];
}

/** A batch by formula, labels floor(i / 5) mod heads, lower targets picked from the full one. */
export function formulaBatch({ shape, image, heads, targetExtents }: Formula): GatheredBatch {
  const [samples = 0, , ...spatial] = shape;
  const voxels = product(spatial);
  const label = Int16Array.from({ length: samples * voxels }, (_, i) => Math.floor(i / 5) % heads);
  return {
    image: tensorOf(shape, image),
    targets: targetExtents.map((extent) => {
      const data = new Int16Array(samples * product(extent));
      for (let n = 0; n < samples; n++)
        data.set(downsampleLabels(label.subarray(n * voxels, (n + 1) * voxels), spatial, extent), n * product(extent));
      return { shape: [samples, ...extent], data };
    }),
  };
}
