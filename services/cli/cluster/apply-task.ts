import { parse } from 'yaml';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import { BadInputError } from '#core/errors.ts';
import type { ClusterChoice } from '#platform/kube/kubeconfig.ts';
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

/** Thrown when the file of a Task and the command line name different namespaces. */
export class NamespaceMismatchError extends BadInputError {
  readonly code = 'NAMESPACE_MISMATCH';
}

/** A Task as its author wrote it. */
export interface SharedTask {
  readonly task: WrittenTask;
  /** In which the file says that it shall be. */
  readonly namespace: string | null;
}

/**
 * Checks the Task of a file as `run` does. What its author left out stays out: so it goes on to be the cluster's default,
 * and whoever sets it there keeps it.
 *
 * @param file `-`: standard input. @param isInStore whether that is the address of something in an object store.
 * @throws {InvalidTaskError} with all that is wrong. @throws {LocalDataError} @throws {TaskFileError}
 */
export async function readSharedTask(file: string, isInStore: (uri: string) => boolean): Promise<SharedTask> {
  const text = await readTaskText(file);
  const checked = parseTask(text);
  requireSharedData(checked, isInStore);
  return { task: parse(text) as WrittenTask, namespace: checked.metadata.namespace ?? null };
}

/** The cluster that is meant, with the namespace of the file where the command line names none. @throws {NamespaceMismatchError} */
export function choiceFor({ namespace }: SharedTask, choice: ClusterChoice): ClusterChoice {
  if (namespace === null || choice.namespace === null) return { ...choice, namespace: choice.namespace ?? namespace };
  if (namespace === choice.namespace) return choice;
  throw new NamespaceMismatchError(
    `the file says namespace ${namespace}, the command line ${choice.namespace}; leave one of them out`,
  );
}

export async function applyTask({ task }: SharedTask, { tasks, address }: Cluster): Promise<Applied> {
  const { namespace } = address;
  return { task: task.metadata.name, namespace, change: await tasks.apply(task) };
}
