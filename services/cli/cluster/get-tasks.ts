import { stringify } from 'yaml';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import type { Cluster } from '../cluster.ts';
import { findTask } from './find-task.ts';
import { newestAttempts } from './newest-attempts.ts';
import { taskDescription } from './task-description.ts';
import { taskTable } from './task-table.ts';

export type Output = 'text' | 'json' | 'yaml';

/** What `get` prints of all Tasks of the namespace. */
export async function allTasks({ tasks, address }: Cluster, output: Output, now: Date): Promise<string> {
  const found = await tasks.list();
  if (output !== 'text') return written({ apiVersion: 'v1', kind: 'List', items: found.map(withoutOwners) }, output);
  return found.length > 0 ? taskTable(found, now) : `There are no Tasks in namespace ${address.namespace}.\n`;
}

/** What `get` prints of one Task. */
export async function oneTask(cluster: Cluster, name: string, output: Output, now: Date): Promise<string> {
  const task = await findTask(name, cluster);
  if (output !== 'text') return written(withoutOwners(task), output);
  return taskDescription(task, await readableAttempts(cluster, name, now), now);
}

/** `null` for whoever may not read them: the Task itself says enough. */
async function readableAttempts({ tasks }: Cluster, name: string, now: Date): Promise<ShownAttempt[] | null> {
  const attempts = await tasks.attempts(name, now);
  return attempts === 'forbidden' ? null : newestAttempts(attempts);
}

const written = (value: object, output: 'json' | 'yaml'): string =>
  output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : stringify(value);

/** Without who wrote which field, as kubectl prints it. */
function withoutOwners(task: TaskResource): object {
  const { managedFields: _, ...metadata } = task.metadata as TaskResource['metadata'] & {
    readonly managedFields?: unknown;
  };
  return { ...task, metadata };
}
