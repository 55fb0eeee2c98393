import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_SAMPLE, type ForegroundSample } from './foreground-sample.ts';
import { intensityStatistics } from './intensity-statistics.ts';
import { percentile } from './percentile.ts';

/** The sample whose draws are the given values. */
function aSample(draws: readonly number[]): ForegroundSample {
  const values = [...new Set(draws.map((draw) => draw + 0))].sort((a, b) => a - b);
  const cumulativeCounts = values.map((value) => draws.filter((draw) => draw <= value).length);
  return { values: Float32Array.from(values), cumulativeCounts: Uint32Array.from(cumulativeCounts) };
}

describe('intensityStatistics', () => {
  it('counts a value as often as it was drawn, over all cases', () => {
    const statistics = intensityStatistics([aSample([1, 1, 1]), EMPTY_SAMPLE, aSample([1, 5, 9])]);
    expect(statistics).toMatchObject({ mean: 3, median: 1, min: 1, max: 9 });
    expect(statistics.std).toBeCloseTo(Math.sqrt((4 * 4 + 4 + 36) / 6), 12);
    expect(statistics.percentile99_5).toBeCloseTo(5 + 4 * 0.975, 12); // position 4.975 of 0..5
    expect(statistics.percentile00_5).toBe(1);
  });

  it('equals the statistics of the draws written out', () => {
    const draw = fc.float({ noNaN: true, min: -1000, max: 1000 });
    const samples = fc.array(fc.array(draw, { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(samples, (drawn) => {
        const all = drawn.flat();
        const { median, percentile00_5, percentile99_5, min, max, mean } = intensityStatistics(drawn.map(aSample));
        expect(median).toBeCloseTo(percentile(all, 50), 9);
        expect(percentile00_5).toBeCloseTo(percentile(all, 0.5), 9);
        expect(percentile99_5).toBeCloseTo(percentile(all, 99.5), 9);
        expect([min, max]).toEqual([Math.min(...all) + 0, Math.max(...all) + 0]);
        expect(mean).toBeCloseTo(all.reduce((a, b) => a + b, 0) / all.length, 9);
      }),
    );
  });

  it('gives 0, not -0, where both were drawn', () => {
    expect(Object.is(intensityStatistics([aSample([0, -0, 0])]).median, 0)).toBe(true);
  });

  it('refuses to describe nothing', () => {
    expect(() => intensityStatistics([EMPTY_SAMPLE])).toThrow('no foreground voxel');
  });
});
