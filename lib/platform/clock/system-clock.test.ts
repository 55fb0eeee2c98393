import { expect, test } from 'vitest';
import { systemClock } from './system-clock.ts';

test('a sleep lasts as long as asked', async () => {
  const before = performance.now();
  await systemClock.sleep(20);
  // Timers count whole milliseconds, and may so end up to one early.
  expect(performance.now() - before).toBeGreaterThan(18);
});

test('a sleep ends when its signal aborts, and does not begin when it has', async () => {
  const aborting = new AbortController();
  const asleep = systemClock.sleep(1_000_000, aborting.signal);
  aborting.abort();
  await asleep;
  await systemClock.sleep(1_000_000, aborting.signal);
});

test('the time is that of the machine', () => {
  expect(Math.abs(systemClock.now().getTime() - Date.now())).toBeLessThan(1000);
});
