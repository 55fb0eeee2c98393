import type { Task } from '#api/v1alpha1/kinds.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';

/** All Tasks and attempts, at one moment. */
export interface Look {
  readonly tasks: readonly Task[];
  readonly attempts: readonly ObservedAttempt[];
}

export const NOTHING_SEEN: Look = { tasks: [], attempts: [] };

/**
 * Names of the Tasks that are new, have another spec, are to be retried, or are gone. Their status is ours, and no news.
 */
export function changedTasks(before: Look, now: Look): string[] {
  const [then, since] = differing(before.tasks, now.tasks).map(versions);
  return keysThatDiffer(then, since);
}

const versions = (tasks: readonly Task[]): Map<string, string> =>
  new Map(
    tasks.map(({ metadata }) => [
      metadata.name,
      `${metadata.uid} ${metadata.generation} ${metadata.retryRequestedAt ?? ''}`,
    ]),
  );

/** Steps of which an attempt is new, changed its state, or is forgotten. */
export function changedSteps(before: Look, now: Look): string[] {
  const [then, since] = differing(before.attempts, now.attempts).map(states);
  return [...new Set(keysThatDiffer(then, since).map((key) => key.slice(0, key.indexOf('/'))))];
}

const states = (attempts: readonly ObservedAttempt[]): Map<string, string> =>
  new Map(attempts.map(({ step, attempt, state }) => [`${step}/${attempt}`, JSON.stringify(state)]));

/** Without what is the very same object in both: of thousands, all but a few. */
function differing<T>(before: readonly T[], now: readonly T[]): [T[], T[]] {
  const [then, since] = [new Set(before), new Set(now)];
  return [before.filter((one) => !since.has(one)), now.filter((one) => !then.has(one))];
}

function keysThatDiffer(then = new Map<string, string>(), since = new Map<string, string>()): string[] {
  const keys = new Set([...then.keys(), ...since.keys()]);
  return [...keys].filter((key) => then.get(key) !== since.get(key));
}
