import { describe, expect, it } from 'vitest';
import { gaussianWeight } from './gaussian-weight.ts';

describe('gaussianWeight', () => {
  it.each([
    { tile: [5], want: [0.059753, 2.78125, 10, 2.78125, 0.059753] },
    { tile: [8], want: [0.003355, 0.111084, 1.353516, 6.066406, 10, 6.066406, 1.353516, 0.111084] },
  ])('of a tile of $tile is a bell about its centre', ({ tile, want }) => {
    const weights = gaussianWeight(tile);
    expect(weights).toHaveLength(want.length);
    // The expected values were printed with six digits.
    for (const [i, value] of want.entries()) expect(weights[i]).toBeCloseTo(value, 5);
  });

  it('has no zeros: far corners take the smallest weight above 0', () => {
    const weights = gaussianWeight([64, 64, 64]);
    expect(weights[0]).toBe(2 ** -24); // the smallest float16
    expect(weights.filter((value) => value === 2 ** -24)).toHaveLength(2359);
    expect(weights[(32 * 64 + 32) * 64 + 32]).toBe(10);
  });

  it('is 10 for a tile of one voxel', () => {
    expect([...gaussianWeight([1, 1])]).toEqual([10]);
  });
});
