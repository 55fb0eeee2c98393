import { describe, expect, test } from 'vitest';
import { ManualClock } from '#test/manual-clock.ts';
import { StoreTime } from './store-time.ts';

const HOUR_MS = 3_600_000;
const START = new Date('2026-01-01T12:00:00Z');

describe('StoreTime', () => {
  test.each([
    { name: 'a few minutes apart', said: 'Thu, 01 Jan 2026 12:04:59 GMT', want: null },
    { name: 'an hour behind', said: 'Thu, 01 Jan 2026 13:00:00 GMT', want: 60 },
    { name: 'an hour ahead', said: 'Thu, 01 Jan 2026 11:00:00 GMT', want: 60 },
    { name: 'of a store that does not tell', said: null, want: null },
    { name: 'of a store that tells nonsense', said: 'noon', want: null },
  ])('a clock $name differs by $want minutes', ({ said, want }) => {
    expect(new StoreTime(new ManualClock(START)).correct(START, said)).toBe(want);
  });

  test('what was corrected is the store’s time, and is corrected again once the clock is set right', () => {
    const clock = new ManualClock(START);
    const time = new StoreTime(clock);
    clock.set(HOUR_MS);
    const signedAt = time.now();
    expect(time.correct(signedAt, START.toUTCString())).toBe(60);
    expect(time.now()).toEqual(START);
    // Of one that was under way at the same time.
    expect(time.correct(signedAt, START.toUTCString())).toBe(60);
    clock.set(-HOUR_MS);
    time.correct(time.now(), START.toUTCString());
    expect(time.now()).toEqual(START);
  });
});
