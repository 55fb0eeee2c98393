import { describe, expect, it } from 'vitest';
import { polyLearningRate } from './poly-learning-rate.ts';

describe('polyLearningRate', () => {
  it.each([
    { epoch: 0, want: 0.01 },
    { epoch: 1, want: 0.00999099955 },
    { epoch: 500, want: 0.00535886731 },
    { epoch: 998, want: 3.72329e-5 },
    { epoch: 999, want: 1.99526e-5 },
  ])('is $want in epoch $epoch of 1000', ({ epoch, want }) => {
    // The wanted values are written with six to nine significant digits.
    expect(polyLearningRate(epoch, 1000, 0.01) / want).toBeCloseTo(1, 5);
  });

  it.each([-1, 10, Number.NaN])('refuses epoch %s of 10', (epoch) => {
    expect(() => polyLearningRate(epoch, 10, 0.01)).toThrow(`epoch must be in [0, 10), got ${epoch}`);
  });
});
