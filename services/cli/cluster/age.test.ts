import { expect, test } from 'vitest';
import { ageOf } from './age.ts';

test.each([
  { seconds: -5, want: '0s' },
  { seconds: 119, want: '119s' },
  { seconds: 120, want: '2m' },
  { seconds: 7199, want: '119m' },
  { seconds: 7200, want: '2h' },
  { seconds: 172_800, want: '2d' },
])('$seconds seconds are $want', ({ seconds, want }) => {
  const since = new Date('2026-01-01T00:00:00Z');
  expect(ageOf(since.toISOString(), new Date(since.getTime() + 1000 * seconds))).toBe(want);
});
