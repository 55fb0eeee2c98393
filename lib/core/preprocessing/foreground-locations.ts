import type { LabelMap } from '#core/geometry/volume.ts';
import { MersenneTwister } from '#core/random/mersenne-twister.ts';
import type { ClassLocations } from './preprocessed-case.ts';

/** nnU-Net's constants; with them the stored locations are the same voxels as nnU-Net's. */
const SEED = 1234;
const ENOUGH = 10_000;
const LEAST_SHARE = 0.01;

/**
 * Voxels of each class to centre training patches on.
 *
 * Of n voxels max(min(10000, n), 1 % of n, rounded up) are drawn without replacement, the classes in the given order
 * from one generator with a fixed seed. A class without voxels draws nothing.
 *
 * @param labels in the order of the plans' heads, background left out.
 * @see nnU-Net v2, preprocessing/preprocessors/default_preprocessor.py, _sample_foreground_locations
 */
export function foregroundLocations(map: LabelMap<'net'>, labels: readonly number[]): ClassLocations[] {
  const [, height, width] = map.shape;
  const voxels = voxelsByLabel(map.data, labels);
  const random = new MersenneTwister(SEED);
  return labels.map((label) => {
    const candidates = voxels.get(label) ?? new Uint32Array(0);
    const count = Math.max(Math.min(ENOUGH, candidates.length), Math.ceil(LEAST_SHARE * candidates.length));
    const locations = new Int32Array(3 * count);
    if (count === 0) return { label, locations };
    random.choiceWithoutReplacement(count, candidates.length).forEach((drawn, i) => {
      const voxel = candidates[drawn] ?? 0;
      const row = Math.floor(voxel / width);
      locations.set([Math.floor(row / height), row % height, voxel % width], 3 * i);
    });
    return { label, locations };
  });
}

/** Flat indices of each label's voxels, ascending. */
function voxelsByLabel(data: Int16Array, labels: readonly number[]): Map<number, Uint32Array> {
  const counts = new Map(labels.map((label) => [label, 0]));
  for (const label of data) {
    const count = counts.get(label);
    if (count !== undefined) counts.set(label, count + 1);
  }
  const voxels = new Map(labels.map((label) => [label, new Uint32Array(counts.get(label) ?? 0)]));
  const filled = new Map(labels.map((label) => [label, 0]));
  data.forEach((label, i) => {
    const list = voxels.get(label);
    if (!list) return;
    const at = filled.get(label) ?? 0;
    list[at] = i;
    filled.set(label, at + 1);
  });
  return voxels;
}
