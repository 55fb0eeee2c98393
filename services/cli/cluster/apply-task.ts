import { parse } from 'yaml';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import type { WrittenTask } from '#platform/tasks/task-client.ts';
import type { Cluster } from '../cluster.ts';
import { readTaskText } from '../run/task-text.ts';
import { requireSharedData } from './local-data-error.ts';

/** What became of a Task that was applied. */
export interface Applied {
  readonly task: string;
  readonly namespace: string;
  readonly change: 'created' | 'configured' | 'unchanged';
}

/**
 * Checks the Task of a file as `run` does. What its author left out stays out: so it goes on to be the cluster's default,
 * and whoever sets it there keeps it.
 *
 * @param file `-`: standard input.
 * @throws {InvalidTaskError} with all that is wrong. @throws {LocalDataError} @throws {TaskFileError}
 */
export async function readSharedTask(file: string): Promise<WrittenTask> {
  const text = await readTaskText(file);
  requireSharedData(parseTask(text));
  return parse(text) as WrittenTask;
}

export async function applyTask(task: WrittenTask, { tasks, address }: Cluster): Promise<Applied> {
  const { namespace } = address;
  return { task: task.metadata.name, namespace, change: await tasks.apply(task) };
}
