import type { StepFailure } from '#steps/step-failure.ts';
import { attemptOutcome } from './attempt-outcome.ts';
import type { Limits } from './limits.ts';
import type { AttemptSeen, ObservedStep } from './observed.ts';

/** Where a step stands and, where it does not speak for itself, why. */
export type StepStanding =
  | { readonly kind: 'done' }
  /** An input is missing. */
  | { readonly kind: 'blocked' }
  | { readonly kind: 'live'; readonly attempt: AttemptSeen }
  /** May start. */
  | { readonly kind: 'ready' }
  /** Failed, and will be tried again at `until`. */
  | { readonly kind: 'pausing'; readonly until: Date; readonly failure: StepFailure }
  /** Will not be tried again. */
  | { readonly kind: 'given-up'; readonly failure: StepFailure };

/**
 * Where a step stands: the failure policy.
 *
 * Bad input ends it at once, and so does what only a person can mend. Other failures are tried again `limits.failuresPerStep` - 1 times, with pauses that double.
 * Losses are nobody's fault and are tried again at once, but not for ever: a step that kills its process each time must
 * end. Only failures and losses since `countedSince` count, so that a retry of a failed Task starts afresh.
 */
export function stepStanding(step: ObservedStep, countedSince: Date, limits: Limits, now: Date): StepStanding {
  if (step.manifest !== null) return { kind: 'done' };
  if (step.digest === null) return { kind: 'blocked' };
  const live = step.attempts.findLast((attempt) => attemptOutcome(attempt) === 'live');
  if (live !== undefined) return { kind: 'live', attempt: live };
  return givenUp(step, countedSince, limits) ?? pausing(step, countedSince, limits, now) ?? { kind: 'ready' };
}

/** Codes of failures that no repetition mends while the Task runs. */
const FINAL: ReadonlySet<string> = new Set(['STORAGE_FULL', 'ENGINE_UNAVAILABLE']);

/** What went wrong with a step that is not done, as far as it counts. */
export interface StepTrouble {
  readonly failures: number;
  readonly losses: number;
  /** The last failure. */
  readonly last: StepFailure | null;
}

/** @param countedSince as for `stepStanding`. */
export function stepTrouble(step: ObservedStep, countedSince: Date): StepTrouble {
  const failures = countedFailures(step, countedSince);
  return {
    failures: failures.length,
    losses: countedLosses(step, countedSince).length,
    last: failures.at(-1)?.failure ?? null,
  };
}

function givenUp(step: ObservedStep, countedSince: Date, limits: Limits): StepStanding | undefined {
  const failures = countedFailures(step, countedSince);
  const worst = failures.find((attempt) => attempt.final) ?? failures.at(-1);
  if (worst !== undefined && (worst.final || failures.length >= limits.failuresPerStep)) {
    return { kind: 'given-up', failure: worst.failure };
  }
  const losses = countedLosses(step, countedSince).length;
  if (losses < limits.lossesPerStep) return undefined;
  const message = `the process was killed ${losses} times without leaving a reason; see its log, and whether memory ran out`;
  return { kind: 'given-up', failure: { code: 'STEP_LOST', message } };
}

/** A loss leaves no time behind, but whoever was lost since a retry began since. */
const countedLosses = ({ attempts }: ObservedStep, countedSince: Date): AttemptSeen[] =>
  attempts.filter(
    (attempt) => attemptOutcome(attempt) === 'lost' && (attempt.begun === null || attempt.begun >= countedSince),
  );

function pausing(step: ObservedStep, countedSince: Date, limits: Limits, now: Date): StepStanding | undefined {
  const failures = countedFailures(step, countedSince);
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const pauseMs = Math.min(limits.firstPauseMs * 2 ** (failures.length - 1), limits.longestPauseMs);
  const until = new Date(last.failure.at.getTime() + pauseMs);
  return until > now ? { kind: 'pausing', until, failure: last.failure } : undefined;
}

function countedFailures(step: ObservedStep, countedSince: Date) {
  return step.attempts.flatMap((attempt) => {
    const outcome = attemptOutcome(attempt);
    const { failure } = attempt;
    if (failure === null || (outcome !== 'failed' && outcome !== 'bad-input')) return [];
    if (failure.at < countedSince) return [];
    return [{ failure, final: outcome === 'bad-input' || FINAL.has(failure.code) }];
  });
}
