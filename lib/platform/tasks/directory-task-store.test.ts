import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { aTask } from '#test/a-task.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { testsTaskStore } from '#test/task-store-conformance.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { DirectoryTaskStore } from './directory-task-store.ts';

const open = (home: string) => new DirectoryTaskStore({ home, clock: new ManualClock(), newId: randomUUID });

testsTaskStore('directory', async () => {
  const folder = await temporaryFolder();
  return { store: open(join(folder.path, 'home')), [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
});

test('another process that opens the home finds what was stored', async () => {
  await using folder = await temporaryFolder();
  const task = await open(folder.path).apply(aTask());
  expect(await open(folder.path).list()).toEqual([task]);
});

test('what else lies in the home is no Task', async () => {
  await using folder = await temporaryFolder();
  const store = open(folder.path);
  await store.apply(aTask());
  await mkdir(join(folder.path, 'tasks', 'leftover', '2d'), { recursive: true });
  await writeFile(join(folder.path, 'tasks', 'note'), 'x');
  await writeFile(join(folder.path, 'tasks', 'Read me.txt'), 'x');
  expect((await store.list()).map(({ metadata }) => metadata.name)).toEqual(['phantom']);
});
