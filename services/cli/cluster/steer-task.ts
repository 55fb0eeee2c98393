import { PentafoldError } from '#core/errors.ts';
import type { Cluster } from '../cluster.ts';
import { findTask } from './find-task.ts';
import { isToBeSuspended, standingOf, stateOf } from './standing.ts';

/** Thrown when a Task shall be tried again that is at work, or has succeeded. */
export class TaskNotFailedError extends PentafoldError {
  readonly code = 'TASK_NOT_FAILED';
}

/** Lets the workers of a Task save and end. @returns what to tell. */
export async function cancelTask(name: string, cluster: Cluster): Promise<string> {
  const task = await findTask(name, cluster);
  const goOn = `bin/pentafold retry ${name} lets it go on from there`;
  if (isToBeSuspended(task)) return `Task ${name} is suspended already; ${goOn}.`;
  if (standingOf(task) === 'succeeded') return `Task ${name} has succeeded; nothing of it runs.`;
  await cluster.tasks.suspend(name);
  return `Task ${name} is suspended: its workers save a checkpoint and end; ${goOn}.`;
}

/**
 * Lets a Task that failed be tried again, and a suspended one go on.
 *
 * @returns what to tell. @throws {TaskNotFailedError} for one that is neither.
 */
export async function retryTask(name: string, cluster: Cluster, now: Date): Promise<string> {
  const task = await findTask(name, cluster);
  if (standingOf(task) === 'failed') {
    await cluster.tasks.retry(name, now);
    return `Task ${name} failed (${stateOf(task)}) and is tried again; what is done stays done.`;
  }
  if (isToBeSuspended(task)) {
    await cluster.tasks.resume(name);
    return `Task ${name} goes on where it was suspended.`;
  }
  throw new TaskNotFailedError(
    `Task ${name} has neither failed nor been suspended, so there is nothing to try again; its state is ${stateOf(task)}`,
  );
}
