import { describe, expect, test } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { type RetryPolicy, withRetries } from './retry.ts';

const BUSY = new Error('busy');
const REFUSED = new Error('refused');

const policy = (clock: ManualClock, changes: Partial<RetryPolicy> = {}): RetryPolicy => ({
  firstPauseMs: 100,
  longestPauseMs: 400,
  forMs: 10_000,
  isTransient: (error) => error === BUSY,
  clock,
  random: () => 1,
  ...changes,
});

/** Lets a clock run on until the work is over. */
async function passing(clock: ManualClock, work: Promise<unknown>): Promise<void> {
  let over = false;
  void work.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  await eventually('it is over', () => {
    clock.advance(50);
    return over;
  });
}

describe('withRetries', () => {
  test('tries again while the reason passes, and tells how often it failed', async () => {
    const clock = new ManualClock();
    const seen: number[] = [];
    const work = withRetries(policy(clock), async (failures) => {
      seen.push(failures);
      if (failures < 3) throw BUSY;
      return 'done';
    });
    await passing(clock, work);
    expect(await work).toBe('done');
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  test('throws at once what will not pass', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const work = withRetries(policy(clock), async () => {
      tries += 1;
      throw REFUSED;
    });
    await expect(work).rejects.toBe(REFUSED);
    expect(tries).toBe(1);
  });

  test('goes on when the clock is set forward meanwhile', async () => {
    const clock = new ManualClock();
    const work = withRetries(policy(clock), async (failures) => {
      clock.set(3_600_000);
      if (failures < 3) throw BUSY;
      return 'done';
    });
    await passing(clock, work);
    expect(await work).toBe('done');
  });

  test('begins no try after its time, and throws what the last one threw', async () => {
    const clock = new ManualClock();
    let tries = 0;
    const work = withRetries(policy(clock, { forMs: 1000 }), async () => {
      tries += 1;
      throw BUSY;
    });
    work.catch(() => {});
    await passing(clock, work);
    await expect(work).rejects.toBe(BUSY);
    // Pauses of 100, 200 and 400 ms fit; a further one of 400 would not.
    expect(tries).toBe(4);
  });
});
