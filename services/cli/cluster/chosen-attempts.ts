import { BadInputError } from '#core/errors.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import { attemptsByStep } from './newest-attempts.ts';

/** Thrown when no attempt is kept whose log could be shown. */
export class LogNotFoundError extends BadInputError {
  readonly code = 'LOG_NOT_FOUND';
}

/** Which logs of a Task. */
export interface LogChoice {
  /** Title of a step, or a part of it; `null`: all steps. */
  readonly step: string | null;
  /** The attempt before the newest. */
  readonly previous: boolean;
}

/**
 * Of each step that is meant one attempt, the newest or the one before.
 *
 * A title that is given in full means that step alone: `train 2d fold 1` is also a part of `train 2d fold 10`.
 */
export function chosenAttempts(attempts: readonly ShownAttempt[], { step, previous }: LogChoice): ShownAttempt[] {
  const steps = attemptsByStep(attempts);
  const named = (title: string): boolean => step === null || title.toLowerCase() === step.toLowerCase();
  const partly = (title: string): boolean => step === null || title.toLowerCase().includes(step.toLowerCase());
  const exact = steps.filter(([newest]) => newest !== undefined && named(newest.title));
  const meant = exact.length > 0 ? exact : steps.filter(([newest]) => newest !== undefined && partly(newest.title));
  return meant.flatMap((ofStep) => ofStep.slice(previous ? 1 : 0, previous ? 2 : 1));
}

/** Why there is nothing to show. */
export function nothingChosen(task: string, attempts: readonly ShownAttempt[], choice: LogChoice): LogNotFoundError {
  const titles = [...new Set(attempts.map(({ title }) => title))];
  if (titles.length === 0)
    return new LogNotFoundError(
      `Task ${task} has no attempts whose logs are kept: none began yet, or they ended too long ago`,
    );
  const matching = chosenAttempts(attempts, { ...choice, previous: false });
  return matching.length > 0
    ? new LogNotFoundError(
        `Task ${task} has no earlier attempt that is kept of ${matching[0]?.title}; leave out --previous`,
      )
    : new LogNotFoundError(`Task ${task} has no step '${choice.step}' that began; it has ${titles.join(', ')}`);
}
