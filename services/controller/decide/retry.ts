import type { Task, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { REASONS } from '#api/v1alpha1/reasons.ts';
import { isRetryPending } from '#api/v1alpha1/retry.ts';

/**
 * The status of a failed Task that is to be tried again: `Failed` becomes false now, failures before now no longer count,
 * and what it takes in is looked at again. `undefined` when the Task has not failed.
 */
export function retried(task: Task, now: Date): TaskStatus | undefined {
  const { status } = task;
  if (status === undefined || !status.conditions.some(({ type, status }) => type === 'Failed' && status === 'True')) {
    return undefined;
  }
  const { takenIn, ...rest } = status;
  return {
    ...rest,
    conditions: status.conditions.map((condition) =>
      condition.type === 'Failed'
        ? {
            ...condition,
            status: 'False',
            ...TRIED_AGAIN,
            lastTransitionTime: now.toISOString(),
          }
        : condition,
    ),
  };
}

/** Why `Failed` became false, of a Task that is tried again. */
export const TRIED_AGAIN = { reason: REASONS.retryRequested, message: 'The Task is tried again.' } as const;

/** Whether somebody asks for a retry and was not heard yet. */
export const asksForRetry = ({ metadata, status }: Task): boolean => isRetryPending(metadata.retryRequestedAt, status);

/**
 * The status of a Task once a request for a retry is heard, whether or not it had failed; `undefined` when there is none to
 * hear. Each request is heard once, however often it is seen. One that came with the Task itself means nothing.
 */
export function heardRetry(task: Task, now: Date): TaskStatus | undefined {
  const { metadata, status } = task;
  if (status === undefined || metadata.retryRequestedAt === undefined || !asksForRetry(task)) return undefined;
  return { ...(retried(task, now) ?? status), lastRetryRequestedAt: metadata.retryRequestedAt };
}
