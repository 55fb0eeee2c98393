import { describe, expect, it } from 'vitest';
import { deepSupervisionShapes, deepSupervisionWeights } from './deep-supervision.ts';

describe('deepSupervisionWeights', () => {
  it.each([
    { outputs: 1, want: [1] },
    { outputs: 2, want: [1, 0] },
    { outputs: 3, want: [2 / 3, 1 / 3, 0] },
    { outputs: 5, want: [8 / 15, 4 / 15, 2 / 15, 1 / 15, 0] },
  ])('halve, leave out the lowest resolution and sum to 1: $outputs outputs', ({ outputs, want }) => {
    const weights = deepSupervisionWeights(outputs);
    expect(weights).toHaveLength(outputs);
    weights.forEach((weight, k) => void expect(weight).toBeCloseTo(want[k] ?? Number.NaN, 12));
  });

  it('refuses a network without an output', () => {
    expect(() => deepSupervisionWeights(0)).toThrow('at least one output, got 0');
  });
});

describe('deepSupervisionShapes', () => {
  it('divides by all strides so far, halves to even', () => {
    const strides = [
      [1, 1, 1],
      [1, 2, 2],
      [2, 2, 2],
      [2, 2, 2],
    ];
    expect(deepSupervisionShapes([20, 57, 43], strides)).toEqual([
      [20, 57, 43],
      [20, 28, 22], // 28.5 and 21.5 both go to the even neighbour
      [10, 14, 11],
    ]);
  });
});
