import type { IntensityStatistics } from '#core/planning/plans.ts';
import { drawsUpTo, type ForegroundSample } from './foreground-sample.ts';
import { percentileOf } from './percentile.ts';

/**
 * Statistics of all draws of one channel over the cases, equal to NumPy's on the concatenated draws.
 *
 * `std` divides by the number of draws, percentiles interpolate linearly.
 *
 * @param samples one per case; empty ones count for nothing.
 * @throws {RangeError} if all samples are empty.
 */
export function intensityStatistics(samples: readonly ForegroundSample[]): IntensityStatistics {
  const drawn = samples.filter(({ values }) => values.length > 0);
  if (drawn.length === 0) throw new RangeError('there is no foreground voxel to take statistics of');
  const count = sum(drawn.map(({ cumulativeCounts }) => cumulativeCounts.at(-1) ?? 0));
  const mean = sumOver(drawn, (value) => value) / count;
  const variance = sumOver(drawn, (value) => (value - mean) ** 2) / count;
  const min = Math.min(...drawn.map(({ values }) => values[0] ?? Number.NaN));
  const max = Math.max(...drawn.map(({ values }) => values.at(-1) ?? Number.NaN));
  const atPercent = (percent: number) => percentileOf((k) => orderStatistic(drawn, k), count, percent);
  return {
    mean,
    median: atPercent(50),
    std: Math.sqrt(variance),
    min,
    max,
    percentile00_5: atPercent(0.5),
    percentile99_5: atPercent(99.5),
  };
}

/** Sum of `term` over every draw. */
function sumOver(samples: readonly ForegroundSample[], term: (value: number) => number): number {
  return sum(
    samples.map(({ values, cumulativeCounts }) => {
      let total = 0;
      let before = 0;
      for (let i = 0; i < values.length; i++) {
        const upToHere = cumulativeCounts[i] as number;
        total += (upToHere - before) * term(values[i] as number);
        before = upToHere;
      }
      return total;
    }),
  );
}

/**
 * The k-th smallest draw (from 0) of all samples together: the smallest float32 that more than k draws do not exceed.
 * Found by bisection over all float32 values, so the samples are never merged.
 */
function orderStatistic(samples: readonly ForegroundSample[], k: number): number {
  let low = RANK_OF_MINUS_INFINITY;
  let high = RANK_OF_INFINITY;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const value = floatOfRank(middle);
    if (sum(samples.map((sample) => drawsUpTo(sample, value))) > k) high = middle;
    else low = middle + 1;
  }
  return floatOfRank(low) + 0; // -0 and 0 are one value here, but -0 comes first in the ranks
}

const RANK_OF_MINUS_INFINITY = 0x007fffff;
const RANK_OF_INFINITY = 0xff800000;
const bits = new DataView(new ArrayBuffer(4));

/** The float32 with this place in the ascending order of all float32, negative before positive. */
function floatOfRank(rank: number): number {
  bits.setUint32(0, rank >= 0x80000000 ? rank - 0x80000000 : 0xffffffff - rank);
  return bits.getFloat32(0);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
