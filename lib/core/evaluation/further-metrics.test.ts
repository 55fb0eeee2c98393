import { describe, expect, it } from 'vitest';
import { evaluateCase } from './evaluate-case.ts';
import { furtherMetrics, meanFurtherMetrics } from './further-metrics.ts';

/** Two rows of voxels of 10 x 2 x 5 mm, which is 0.1 ml. */
function compare(prediction: number[], reference: number[], toleranceMm: number | null = null) {
  const shape = [1, 1, reference.length] as const;
  const maps = { prediction, reference, shape, spacing: [10, 2, 5] as const, ignoreLabel: null };
  const [metrics] = evaluateCase(prediction, reference, [1]);
  if (metrics === undefined) throw new Error('no metrics');
  return furtherMetrics(metrics, maps, 1, toleranceMm);
}

describe('furtherMetrics', () => {
  it('says how much of the prediction is right and how much of the object is found', () => {
    expect(compare([1, 1, 1, 0], [0, 0, 1, 1])).toMatchObject({ precision: 1 / 3, recall: 1 / 2 });
    expect(compare([0, 0], [0, 1])).toMatchObject({ precision: Number.NaN, recall: 0 });
  });

  it('gives the volume in millilitres and as a share', () => {
    const { volumeDifferenceMl, relativeVolumeDifference } = compare([1, 1, 1, 0], [0, 0, 1, 1]);
    expect(volumeDifferenceMl).toBeCloseTo(0.1, 12);
    expect(relativeVolumeDifference).toBe(0.5);
  });

  it('measures surfaces only when it is told a tolerance', () => {
    expect(compare([1, 0, 0], [0, 1, 0])).toMatchObject({ hd95: Number.NaN, surfaceDice: Number.NaN });
    expect(compare([1, 0, 0], [0, 1, 0], 1)).toMatchObject({ hd95: 5, surfaceDice: 0 });
    expect(compare([1, 0, 0], [0, 1, 0], 5)).toMatchObject({ hd95: 5, surfaceDice: 1 });
  });
});

describe('meanFurtherMetrics', () => {
  it('leaves out what is not finite', () => {
    const both = compare([1, 0, 0], [0, 1, 0], 1);
    const missed = compare([0, 0, 0], [0, 1, 0], 1);
    expect(missed.hd95).toBe(Number.POSITIVE_INFINITY);
    expect(meanFurtherMetrics([both, missed])).toMatchObject({ hd95: 5, precision: 0, recall: 0 });
    expect(meanFurtherMetrics([missed]).hd95).toBeNaN();
  });
});
