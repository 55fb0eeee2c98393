import type { Instruction } from '#platform/link/controller-link.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';
import { isLive } from './attempt-outcome.ts';
import type { Limits } from './limits.ts';
import type { Observed } from './observed.ts';
import { verdictOn } from './verdict.ts';

/**
 * What all Tasks together want of a step's running attempts.
 *
 * `go-on`: a Task that is at work needs it. `yield`: only Tasks that are suspended, failed or done know it; a checkpoint
 * is worth keeping. `stop`: no Task knows it any more.
 */
export function wishFor(step: string, tasks: readonly Observed[], limits: Limits, now: Date): Instruction {
  const knowing = tasks.filter((observed) => observed.steps.some(({ digest }) => digest === step));
  if (knowing.some((observed) => verdictOn(observed, limits, now).kind === 'working')) return 'go-on';
  // Steps of a Task whose data set is out of reach cannot be named: nothing can be said against them.
  const unnamed = tasks.some((observed) => observed.datasetFault !== null);
  return knowing.length > 0 || unnamed ? 'yield' : 'stop';
}

export interface Stop {
  readonly step: string;
  readonly attempt: number;
  readonly how: 'checkpoint' | 'now';
}

/** Which of the runner's attempts are to end because nobody needs them now. */
export function unwanted(
  running: readonly ObservedAttempt[],
  tasks: readonly Observed[],
  limits: Limits,
  now: Date,
): Stop[] {
  return running.flatMap(({ step, attempt, state }): Stop[] => {
    if (!isLive(state)) return [];
    const wish = wishFor(step, tasks, limits, now);
    return wish === 'go-on' ? [] : [{ step, attempt, how: wish === 'yield' ? 'checkpoint' : 'now' }];
  });
}
