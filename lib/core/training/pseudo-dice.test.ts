import { describe, expect, it } from 'vitest';
import { addCounts, movingAverage, pseudoDice, targetCounts } from './pseudo-dice.ts';

describe('pseudoDice', () => {
  it('is 2 tp / (2 tp + fp + fn) per target', () => {
    const counts = { truePositives: [6, 0], falsePositives: [2, 3], falseNegatives: [2, 0] };
    expect(pseudoDice(counts)).toEqual({ perClass: [0.75, 0], mean: 0.375 });
  });

  it('leaves a target out of the mean that was neither there nor predicted', () => {
    const counts = { truePositives: [6, 0], falsePositives: [2, 0], falseNegatives: [2, 0] };
    expect(pseudoDice(counts)).toEqual({ perClass: [0.75, null], mean: 0.75 });
  });

  it('has no mean where there is no foreground at all', () => {
    const counts = { truePositives: [0], falsePositives: [0], falseNegatives: [0] };
    expect(pseudoDice(counts)).toEqual({ perClass: [null], mean: null });
  });
});

describe('targetCounts', () => {
  const perHead = { truePositives: [90, 6], falsePositives: [5, 2], falseNegatives: [4, 1] };

  it('leaves background out', () => {
    expect(targetCounts(perHead, false)).toEqual({ truePositives: [6], falsePositives: [2], falseNegatives: [1] });
  });

  it('keeps every region', () => {
    expect(targetCounts(perHead, true)).toEqual(perHead);
  });
});

describe('addCounts', () => {
  it('adds class by class', () => {
    const once = { truePositives: [1, 2], falsePositives: [3, 4], falseNegatives: [5, 6] };
    const want = { truePositives: [2, 4], falsePositives: [6, 8], falseNegatives: [10, 12] };
    expect(addCounts(once, once)).toEqual(want);
  });
});

describe('movingAverage', () => {
  it.each([
    { name: 'starts with the first value', previous: null, mean: 0.5, want: 0.5 },
    { name: 'moves a tenth of the way', previous: 0.5, mean: 1, want: 0.55 },
    { name: 'stays in an epoch without foreground', previous: 0.5, mean: null, want: 0.5 },
    { name: 'has no value before there was one', previous: null, mean: null, want: null },
  ])('$name', ({ previous, mean, want }) => {
    expect(movingAverage(previous, mean)).toBe(want);
  });
});
