import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import type { Cluster } from '../cluster.ts';
import { TaskNotFoundError } from '../task-not-found-error.ts';

/** @throws {TaskNotFoundError} naming the Tasks that the namespace has. */
export async function findTask(
  name: string,
  { tasks, address }: Pick<Cluster, 'tasks' | 'address'>,
): Promise<TaskResource> {
  const task = await tasks.get(name);
  if (task !== undefined) return task;
  const names = (await tasks.list()).map(({ metadata }) => metadata.name);
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none; is it the right one? choose with -n';
  throw new TaskNotFoundError(
    `there is no Task '${name}' in namespace ${address.namespace} of context '${address.context}'; ${known}`,
  );
}
