import type { MersenneTwister } from '#core/random/mersenne-twister.ts';

/**
 * Intensities drawn with replacement from the foreground of one channel of one case.
 *
 * Each value that was drawn stands once, with how often: the same statistics as the drawn list, in a fraction of its
 * memory, as an image has few different intensities.
 */
export interface ForegroundSample {
  /** Ascending, each once. */
  readonly values: Float32Array;
  /** How many draws gave this value or a smaller one. The last entry is the number of draws. */
  readonly cumulativeCounts: Uint32Array;
}

/** A sample of nothing, for a case without foreground. */
export const EMPTY_SAMPLE: ForegroundSample = { values: new Float32Array(0), cumulativeCounts: new Uint32Array(0) };

/** `draws` intensities of the given voxels; nothing where there is no voxel. */
export function drawForegroundSample(voxels: Float32Array, draws: number, random: MersenneTwister): ForegroundSample {
  if (voxels.length === 0) return EMPTY_SAMPLE;
  const timesDrawn = new Uint32Array(voxels.length);
  const last = voxels.length - 1;
  for (let i = 0; i < draws; i++) {
    const voxel = random.bounded(last);
    timesDrawn[voxel] = (timesDrawn[voxel] as number) + 1;
  }
  return countByValue(voxels, timesDrawn);
}

function countByValue(voxels: Float32Array, timesDrawn: Uint32Array): ForegroundSample {
  const values = distinct(voxels.filter((_, i) => timesDrawn[i] !== 0));
  const counts = new Uint32Array(values.length);
  voxels.forEach((value, i) => {
    const times = timesDrawn[i] ?? 0;
    if (times === 0) return;
    const at = countUpTo(values, value) - 1;
    counts[at] = (counts[at] as number) + times;
  });
  return { values, cumulativeCounts: cumulative(counts) };
}

function distinct(values: Float32Array): Float32Array {
  const sorted = values.sort();
  return sorted.filter((value, i) => i === 0 || value !== sorted[i - 1]);
}

function cumulative(counts: Uint32Array): Uint32Array {
  let total = 0;
  return counts.map((count) => {
    total += count;
    return total;
  });
}

/** How many draws of a sample gave at most `value`. */
export const drawsUpTo = ({ values, cumulativeCounts }: ForegroundSample, value: number): number =>
  cumulativeCounts[countUpTo(values, value) - 1] ?? 0;

/** How many entries of an ascending list are at most `value`. */
function countUpTo(ascending: Float32Array, value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
