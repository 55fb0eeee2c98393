import { describe, expect, test } from 'vitest';
import { scaleOf, sparkline } from './sparkline.ts';

const UNIT = { low: 0, high: 1 };

describe('sparkline', () => {
  test.each([
    { name: 'a bar per value where there is room', values: [0, 0.5, 1], width: 10, want: '▁▅█' },
    { name: 'means where there is less', values: [0, 0, 1, 1], width: 2, want: '▁█' },
    { name: 'what is not known is left out of a mean', values: [0, 0, null, 1], width: 2, want: '▁█' },
    { name: 'a blank where nothing is known', values: [0, null, 1], width: 3, want: '▁ █' },
    { name: 'values beyond the scale at its ends', values: [-3, 7], width: 2, want: '▁█' },
    { name: 'nothing of nothing', values: [], width: 5, want: '' },
  ])('$name', ({ values, width, want }) => {
    expect(sparkline(values, width, UNIT)).toBe(want);
  });

  test('a curve that does not move is flat', () => {
    const values = [0.3, 0.3, 0.3];
    expect(sparkline(values, 3, scaleOf(values))).toBe('▁▁▁');
  });
});

describe('scaleOf', () => {
  test.each([
    { values: [0.5, null, -0.25], want: { low: -0.25, high: 0.5 } },
    { values: [null], want: { low: 0, high: 1 } },
  ])('of $values', ({ values, want }) => {
    expect(scaleOf(values)).toEqual(want);
  });
});
