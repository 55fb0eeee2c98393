import { describe, expect, it } from 'vitest';
import { isForcedForeground } from './oversampling.ts';

describe('isForcedForeground', () => {
  it.each([
    { batchSize: 1, want: 0 },
    { batchSize: 2, want: 1 },
    { batchSize: 5, want: 2 },
    { batchSize: 9, want: 3 },
    { batchSize: 12, want: 4 },
    { batchSize: 366, want: 121 },
  ])('forces the last $want of $batchSize samples at a third', ({ batchSize, want }) => {
    const forced = Array.from({ length: batchSize }, (_, j) => isForcedForeground(j, batchSize, 0.33));
    expect(forced.filter(Boolean)).toHaveLength(want);
    expect(forced.slice(batchSize - want).every(Boolean)).toBe(true);
  });

  it('forces all at share 1 and none at share 0', () => {
    expect([0, 1, 2].map((j) => isForcedForeground(j, 3, 1))).toEqual([true, true, true]);
    expect([0, 1, 2].map((j) => isForcedForeground(j, 3, 0))).toEqual([false, false, false]);
  });
});
