import type { Task, TaskStatus } from '#api/v1alpha1/kinds.ts';

/**
 * The status of a failed Task that is to be tried again: `Failed` becomes false now, and failures before now no longer
 * count. `undefined` when the Task has not failed.
 */
export function retried(task: Task, now: Date): TaskStatus | undefined {
  const { status } = task;
  if (status === undefined || !status.conditions.some(({ type, status }) => type === 'Failed' && status === 'True')) {
    return undefined;
  }
  return {
    ...status,
    conditions: status.conditions.map((condition) =>
      condition.type === 'Failed'
        ? {
            ...condition,
            status: 'False',
            reason: 'RetryRequested',
            message: 'The Task is tried again.',
            lastTransitionTime: now.toISOString(),
          }
        : condition,
    ),
  };
}
