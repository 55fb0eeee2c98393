import { describe, expect, it } from 'vitest';
import { median, percentile } from './percentile.ts';

describe('percentile', () => {
  it.each([
    { name: 'between two values', values: [10, 20], percent: 25, want: 12.5 },
    { name: 'nearer to the upper of two', values: [10, 20], percent: 75, want: 17.5 },
    { name: 'on a value', values: [3, 1, 2], percent: 50, want: 2 },
    { name: 'at the ends', values: [3, 1, 2], percent: 100, want: 3 },
    { name: 'of one value', values: [7], percent: 99.5, want: 7 },
    { name: 'by number, not by text', values: [10, 9, 100], percent: 0, want: 9 },
  ])('interpolates linearly: $name', ({ values, percent, want }) => {
    expect(percentile(values, percent)).toBe(want);
  });

  it('is the mean of the two middle values for the median of an even list', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('leaves the list as it is', () => {
    const values = [3, 1, 2];
    percentile(values, 50);
    expect(values).toEqual([3, 1, 2]);
  });

  it('refuses an empty list', () => {
    expect(() => median([])).toThrow('an empty list has no percentile');
  });
});
