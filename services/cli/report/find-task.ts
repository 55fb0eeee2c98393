import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Home, taskFolder } from '../home.ts';
import { TaskNotFoundError } from '../task-not-found-error.ts';

/** The folder of a Task's results. @throws {TaskNotFoundError} naming the Tasks that the home has. */
export async function findTask(task: string, home: Home): Promise<string> {
  const names = await taskNames(home);
  if (names.includes(task)) return taskFolder(home, task);
  const known = names.length > 0 ? `it has ${names.join(', ')}` : 'it has none; is it the right --home?';
  throw new TaskNotFoundError(`there is no Task '${task}' in the home ${home.root}; ${known}`);
}

async function taskNames(home: Home): Promise<string[]> {
  const entries = await readdir(dirname(taskFolder(home, 'any'))).catch(() => []);
  const tasks = await Promise.all(
    entries.map((name) =>
      stat(join(taskFolder(home, name), 'task.json')).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  return entries.filter((_, i) => tasks[i]).sort();
}
