import type { Task } from '#api/v1alpha1/kinds.ts';
import { standingOf } from '#api/v1alpha1/standing.ts';
import { asksForRetry } from './retry.ts';

/**
 * Whether a Task has come to its end, good or bad, under the spec that it has: until that changes, or a retry is asked for,
 * nothing is to be done for it.
 */
export const isSettled = (task: Task): boolean => hasEnded(task) && !asksForRetry(task);

function hasEnded(task: Task): boolean {
  const standing = standingOf(task);
  return standing === 'succeeded' || standing === 'failed';
}
