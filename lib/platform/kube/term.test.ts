import { describe, expect, test } from 'vitest';
import { NotLeadingError } from './fence.ts';
import { moment, Term } from './term.ts';

/** Two clocks that the test moves. */
function clocks() {
  const time = { wallMs: 1_000_000, monotonicMs: 0 };
  const stopwatch = { now: () => new Date(time.wallMs), monotonicMs: () => time.monotonicMs };
  return { time, stopwatch, term: new Term(1, stopwatch, moment(stopwatch), 12_000) };
}

describe('Term', () => {
  test('lasts as long as it was granted, from when the request was sent', () => {
    const { time, term } = clocks();
    time.wallMs += 11_999;
    time.monotonicMs += 11_999;
    term.check();
    expect(term.remainingMs).toBe(1);
    time.monotonicMs += 1;
    expect(() => term.check()).toThrow(NotLeadingError);
    expect(term.signal.aborted).toBe(true);
  });

  test.each([
    { name: 'a wall clock that is set back', wallMs: -3_600_000, monotonicMs: 12_000 },
    { name: 'a machine that slept', wallMs: 12_000, monotonicMs: 10 },
  ])('$name does not prolong it', ({ wallMs, monotonicMs }) => {
    const { time, term } = clocks();
    time.wallMs += wallMs;
    time.monotonicMs += monotonicMs;
    expect(() => term.check()).toThrow(NotLeadingError);
  });

  test('a renewal counts from when it was sent, not from when it was answered', () => {
    const { time, stopwatch, term } = clocks();
    time.monotonicMs += 2000;
    const sent = moment(stopwatch);
    time.monotonicMs += 5000;
    term.renewed(sent);
    expect(term.remainingMs).toBe(7000);
  });

  test('one that is over is not begun again by a late renewal', () => {
    const { stopwatch, term } = clocks();
    term.end();
    term.renewed(moment(stopwatch));
    expect(term.remainingMs).toBe(0);
    expect(() => term.check()).toThrow('another controller may lead now');
  });
});
