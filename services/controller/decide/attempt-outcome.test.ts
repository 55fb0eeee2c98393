import { describe, expect, test } from 'vitest';
import type { Killer } from '#platform/runner/step-runner.ts';
import { anAttempt, NOW } from '#test/observation.ts';
import { attemptOutcome } from './attempt-outcome.ts';

const failure = { code: 'NO_LUCK', message: 'the dice fell badly', at: NOW };
const ended = (exitCode: number) => ({ run: { kind: 'ended', exitCode } }) as const;
const killed = (by: Killer) => ({ run: { kind: 'killed', by } }) as const;

describe('attemptOutcome', () => {
  test.each([
    { name: 'in the queue', attempt: { run: { kind: 'pending', waitsFor: null } } as const, want: 'live' },
    { name: 'running', attempt: {}, want: 'live' },
    { name: 'running, with its failure already written', attempt: { failure }, want: 'live' },
    { name: 'killed, nobody knows by what,', attempt: killed('unknown'), want: 'lost' },
    { name: 'whose machine was taken away', attempt: killed('disruption'), want: 'yielded' },
    { name: 'killed for want of memory', attempt: killed('memory'), want: 'unexplained' },
    { name: 'ended because it was asked to', attempt: ended(75), want: 'yielded' },
    { name: 'ended with exit code 1 and no reason', attempt: ended(1), want: 'unexplained' },
    { name: 'ended well, but without a manifest', attempt: ended(0), want: 'unexplained' },
    { name: 'ended with a reason', attempt: { ...ended(1), failure }, want: 'failed' },
    { name: 'killed after it wrote its reason', attempt: { ...killed('unknown'), failure }, want: 'failed' },
    {
      name: 'whose machine was taken away, with a reason',
      attempt: { ...killed('disruption'), failure },
      want: 'yielded',
    },
    { name: 'ended for bad input', attempt: { ...ended(42), failure }, want: 'bad-input' },
    { name: 'of an earlier controller', attempt: { run: { kind: 'forgotten' } } as const, want: 'yielded' },
    {
      name: 'of an earlier controller, with a reason',
      attempt: { run: { kind: 'forgotten' }, failure } as const,
      want: 'failed',
    },
  ])('an attempt $name is $want', ({ attempt, want }) => {
    expect(attemptOutcome(anAttempt(attempt))).toBe(want);
  });
});
