import type { Task } from '#api/v1alpha1/kinds.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';

/** All Tasks and attempts, at one moment. */
export interface Look {
  readonly tasks: readonly Task[];
  readonly attempts: readonly ObservedAttempt[];
}

export const NOTHING_SEEN: Look = { tasks: [], attempts: [] };

/** Names of the Tasks that are new, have another spec, are to be retried, or are gone. Their status is ours, and no news. */
export function changedTasks(before: Look, now: Look): string[] {
  const [then, since] = [versions(before), versions(now)];
  const names = new Set([...then.keys(), ...since.keys()]);
  return [...names].filter((name) => then.get(name) !== since.get(name));
}

const versions = ({ tasks }: Look): Map<string, string> =>
  new Map(
    tasks.map(({ metadata }) => [
      metadata.name,
      `${metadata.uid} ${metadata.generation} ${metadata.retryRequestedAt ?? ''}`,
    ]),
  );

/** Steps of which an attempt is new, changed its state, or is forgotten. */
export function changedSteps(before: Look, now: Look): string[] {
  const [then, since] = [states(before), states(now)];
  const keys = [...new Set([...then.keys(), ...since.keys()])].filter((key) => then.get(key) !== since.get(key));
  return [...new Set(keys.map((key) => key.slice(0, key.indexOf('/'))))];
}

const states = ({ attempts }: Look): Map<string, string> =>
  new Map(attempts.map(({ step, attempt, state }) => [`${step}/${attempt}`, JSON.stringify(state)]));
