import { describe, expect, test } from 'vitest';
import { inWords, Stopwatch } from './stopwatch.ts';

const at = (seconds: number) => new Date(seconds * 1000);

describe('Stopwatch', () => {
  test('nothing can be said before something was done', () => {
    const watch = new Stopwatch();
    expect(watch.left('a', 0.2, at(0))).toBeNull();
    expect(watch.left('a', 0.205, at(60))).toBeNull();
  });

  test('the rate is that of what was watched, not of what was done before', () => {
    const watch = new Stopwatch();
    watch.left('a', 0.5, at(0));
    expect(watch.left('a', 0.75, at(10))).toBe(10_000);
  });

  test('a share that fell is watched anew, however far it had come before', () => {
    const watch = new Stopwatch();
    watch.left('a', 0.1, at(0));
    watch.left('a', 0.5, at(10));
    expect(watch.left('a', 0.3, at(20))).toBeNull();
    expect(watch.left('a', 0.5, at(30))).toBeCloseTo(25_000, 6);
  });

  test('the time of a key runs from when it was first asked', () => {
    const watch = new Stopwatch();
    expect(watch.elapsed('a', at(5))).toBe(0);
    expect(watch.elapsed('a', at(8))).toBe(3000);
    expect(watch.elapsed('b', at(9))).toBe(0);
  });

  test('work that fell back is watched anew', () => {
    const watch = new Stopwatch();
    watch.left('a', 0.5, at(0));
    expect(watch.left('a', 0.2, at(10))).toBeNull();
    expect(watch.left('a', 0.6, at(20))).toBeCloseTo(10_000, 6);
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
