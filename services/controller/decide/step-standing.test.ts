import { describe, expect, test } from 'vitest';
import { aFailedAttempt, anAttempt, anObservation, LIMITS, NOW, secondsAgo } from '#test/observation.ts';
import type { AttemptSeen } from './observed.ts';
import { stepStanding } from './step-standing.ts';

const LONG_AGO = secondsAgo(10_000);

function standing(attempts: readonly AttemptSeen[], since = LONG_AGO) {
  const [ingest] = anObservation({ attempts: { ingest: attempts } }).steps;
  if (ingest === undefined) throw new Error('the observation has no ingest step');
  return stepStanding(ingest, since, LIMITS, NOW);
}

const lost = (attempt: number) => anAttempt({ attempt, run: { kind: 'killed', by: 'unknown' } });
const preempted = (attempt: number) => anAttempt({ attempt, run: { kind: 'killed', by: 'disruption' } });
const yielded = (attempt: number) => anAttempt({ attempt, run: { kind: 'ended', exitCode: 75 } });
const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, i) => make(i + 1));

describe('stepStanding', () => {
  test.each([
    { name: 'never tried is ready', attempts: [], want: 'ready' },
    { name: 'running is live', attempts: [anAttempt()], want: 'live' },
    { name: 'that yielded goes on at once', attempts: [yielded(1)], want: 'ready' },
    { name: 'that was killed goes on at once', attempts: [lost(1)], want: 'ready' },
    { name: 'killed 9 times goes on', attempts: times(9, lost), want: 'ready' },
    { name: 'killed 10 times is given up', attempts: times(10, lost), want: 'given-up' },
    { name: 'that yielded 100 times goes on', attempts: times(100, yielded), want: 'ready' },
    { name: 'whose machine was taken away 100 times goes on', attempts: times(100, preempted), want: 'ready' },
    {
      name: 'that said why it failed each time its machine was taken away goes on',
      attempts: times(100, (n) => ({ ...aFailedAttempt(n, NOW), run: preempted(n).run })),
      want: 'ready',
    },
    {
      name: 'killed 9 times, and 100 times with its machine, goes on',
      attempts: [...times(9, lost), ...times(100, (n) => preempted(9 + n))],
      want: 'ready',
    },
    { name: 'that failed 4 s ago pauses', attempts: [aFailedAttempt(1, secondsAgo(4))], want: 'pausing' },
    { name: 'that failed 5 s ago is ready', attempts: [aFailedAttempt(1, secondsAgo(5))], want: 'ready' },
    {
      name: 'that failed twice pauses twice as long',
      attempts: [aFailedAttempt(1, secondsAgo(60)), aFailedAttempt(2, secondsAgo(9))],
      want: 'pausing',
    },
    {
      name: 'that failed 3 times is given up',
      attempts: times(3, (n) => aFailedAttempt(n, secondsAgo(1000 - n))),
      want: 'given-up',
    },
    { name: 'with bad input is given up at once', attempts: [aFailedAttempt(1, NOW, 42)], want: 'given-up' },
    {
      name: 'that failed 3 times and runs is live',
      attempts: [...times(3, (n) => aFailedAttempt(n, secondsAgo(9))), anAttempt({ attempt: 4 })],
      want: 'live',
    },
  ])('a step $name', ({ attempts, want }) => {
    expect(standing(attempts).kind).toBe(want);
  });

  test.each(['STORAGE_FULL', 'ENGINE_UNAVAILABLE'])('%s is for a person to mend: given up at once', (code) => {
    const attempt = aFailedAttempt(1, NOW);
    const failure = { code, message: 'why', at: NOW };
    expect(standing([{ ...attempt, failure }])).toMatchObject({ kind: 'given-up', failure: { code } });
  });

  test('failures before the last retry do not count', () => {
    const attempts = times(3, (n) => aFailedAttempt(n, secondsAgo(1000 - n)));
    expect(standing(attempts, secondsAgo(500)).kind).toBe('ready');
  });

  test('losses of attempts that began before the last retry do not count', () => {
    const attempts = times(10, (n) => ({ ...lost(n), begun: secondsAgo(1000 - n) }));
    expect(standing(attempts).kind).toBe('given-up');
    expect(standing(attempts, secondsAgo(500)).kind).toBe('ready');
    expect(standing(attempts, secondsAgo(1000)).kind).toBe('given-up');
  });

  test('the pause never exceeds the longest one', () => {
    const manyFailures = times(9, (n) => aFailedAttempt(n, secondsAgo(61)));
    const [ingest] = anObservation({ attempts: { ingest: manyFailures } }).steps;
    if (ingest === undefined) throw new Error('the observation has no ingest step');
    expect(stepStanding(ingest, LONG_AGO, { ...LIMITS, failuresPerStep: 100 }, NOW).kind).toBe('ready');
  });

  test('what is given up names the failure, and bad input before any other', () => {
    const attempts = [aFailedAttempt(1, secondsAgo(20), 42), aFailedAttempt(2, secondsAgo(10))];
    expect(standing(attempts)).toMatchObject({ kind: 'given-up', failure: { code: 'NO_LUCK', at: secondsAgo(20) } });
    expect(standing(times(10, lost))).toMatchObject({ failure: { code: 'STEP_LOST' } });
  });
});
