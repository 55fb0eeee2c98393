import { expect, test } from 'vitest';
import { pauseMs } from './backoff.ts';

const BACKOFF = { firstMs: 100, longestMs: 10_000 };

test.each([
  { failures: 1, random: 0, want: 50 },
  { failures: 1, random: 1, want: 100 },
  { failures: 2, random: 1, want: 200 },
  { failures: 7, random: 1, want: 6400 },
  { failures: 8, random: 1, want: 10_000 },
  { failures: 8, random: 0, want: 5000 },
  { failures: 5000, random: 1, want: 10_000 },
])('after $failures failures and with the draw $random the pause is $want ms', ({ failures, random, want }) => {
  expect(pauseMs(BACKOFF, failures, random)).toBe(want);
});
