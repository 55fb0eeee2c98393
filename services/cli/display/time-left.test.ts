import { describe, expect, test } from 'vitest';
import { inWords, TimeLeft } from './time-left.ts';

const at = (seconds: number) => new Date(seconds * 1000);

describe('TimeLeft', () => {
  test('nothing can be said before something was done', () => {
    const left = new TimeLeft();
    expect(left.of('a', 0.2, at(0))).toBeNull();
    expect(left.of('a', 0.205, at(60))).toBeNull();
  });

  test('the rate is that of what was watched, not of what was done before', () => {
    const left = new TimeLeft();
    left.of('a', 0.5, at(0));
    expect(left.of('a', 0.75, at(10))).toBe(10_000);
  });

  test('work that fell back is watched anew', () => {
    const left = new TimeLeft();
    left.of('a', 0.5, at(0));
    expect(left.of('a', 0.2, at(10))).toBeNull();
    expect(left.of('a', 0.6, at(20))).toBeCloseTo(10_000, 6);
  });
});

describe('inWords', () => {
  test.each([
    { ms: null, want: '-' },
    { ms: 0, want: '0s' },
    { ms: 7200, want: '8s' },
    { ms: 59_001, want: '1m 00s' },
    { ms: 125_000, want: '2m 05s' },
    { ms: 12_000_000, want: '3h 20m' },
  ])('$ms ms is $want', ({ ms, want }) => {
    expect(inWords(ms)).toBe(want);
  });
});
