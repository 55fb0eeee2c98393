import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import type { LabelScheme } from '#core/dataset/labels.ts';
import type { LabelMap } from '#core/geometry/volume.ts';
import { MersenneTwister } from '#core/random/mersenne-twister.ts';
import type { ClassLocations } from './preprocessed-case.ts';

/** nnU-Net's constants; with them the stored locations are the same voxels as nnU-Net's. */
const SEED = 1234;
const ENOUGH = 10_000;
const LEAST_SHARE = 0.01;

/**
 * What locations are kept of: every label or region, and with an ignore label all voxels that somebody judged, so that
 * patches can be drawn from those. Voxels outside the nonzero mask (-1) are among the judged.
 */
export const locationClasses = ({ all, targets, ignore }: LabelScheme): LabelOrRegion[] =>
  ignore === null ? [...targets] : [...targets, [-1, ...all]];

/** Whether a class is all that was judged, see `locationClasses`, and not one of the labels. */
export const isEverythingJudged = (label: LabelOrRegion): boolean => labelsOf(label).includes(-1);

/**
 * Voxels of each class to centre training patches on.
 *
 * Of n voxels max(min(10000, n), 1 % of n, rounded up) are drawn without replacement, the classes in the given order
 * from one generator with a fixed seed. The voxels of a region are those of its first label, then those of the next. A
 * class without voxels draws nothing.
 *
 * @see nnU-Net v2, preprocessing/preprocessors/default_preprocessor.py, _sample_foreground_locations
 */
export function foregroundLocations(map: LabelMap<'net'>, classes: readonly LabelOrRegion[]): ClassLocations[] {
  const [, height, width] = map.shape;
  const voxels = voxelsByLabel(map.data, classes.flatMap(labelsOf));
  const random = new MersenneTwister(SEED);
  return classes.map((label) => {
    const candidates = joined(labelsOf(label).map((member) => voxels.get(member) ?? new Uint32Array(0)));
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

function joined(blocks: readonly Uint32Array[]): Uint32Array {
  const [only, ...others] = blocks;
  if (only && others.length === 0) return only;
  const all = new Uint32Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    all.set(block, at);
    at += block.length;
  }
  return all;
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
