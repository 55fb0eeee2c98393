import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { homeAt } from '../home.ts';
import { findTask } from './find-task.ts';

it('finds the folder of a Task, or says which Tasks there are', async () => {
  await using folder = await temporaryFolder();
  const home = homeAt(folder.path);
  await expect(findTask('phantom', home)).rejects.toThrow(/no Task 'phantom' in the home .*; it has none/);
  const phantom = join(folder.path, 'tasks', 'phantom');
  await mkdir(phantom, { recursive: true });
  await writeFile(join(phantom, 'task.json'), '{}');
  expect(await findTask('phantom', home)).toBe(phantom);
  for (const task of ['fantom', '../tasks/phantom'])
    await expect(findTask(task, home)).rejects.toMatchObject({
      code: 'TASK_NOT_FOUND',
      message: expect.stringMatching(/it has phantom$/),
    });
});
