import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';

/** Of each step its attempts, the newest first; steps in the order in which they began. */
export function attemptsByStep(attempts: readonly ShownAttempt[]): ShownAttempt[][] {
  const steps = Map.groupBy(attempts, ({ step }) => step);
  return [...steps.values()].map((ofStep) => ofStep.toSorted((a, b) => b.attempt - a.attempt));
}

export const newestAttempts = (attempts: readonly ShownAttempt[]): ShownAttempt[] =>
  attemptsByStep(attempts).flatMap((ofStep) => ofStep.slice(0, 1));
