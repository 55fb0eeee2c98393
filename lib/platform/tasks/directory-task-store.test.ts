import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { API_VERSION, type Model, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import { aTask } from '#test/a-task.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryTaskStore } from '#test/memory-task-store.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { testsTaskStore } from '#test/task-store-conformance.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { DirectoryTaskStore } from './directory-task-store.ts';

const open = (home: string, log = new RecordingLogger()) =>
  new DirectoryTaskStore({ home, clock: new ManualClock(), newId: randomUUID, log });

testsTaskStore('memory', async () => ({ store: new MemoryTaskStore(), async [Symbol.asyncDispose]() {} }));

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

describe.each(['', '{"apiVersion": "pentafold', '{}', 'null'])('a file that holds %j', (damage) => {
  const status: TaskStatus = { observedGeneration: 4, conditions: [], progress: '40%', configurations: [] };

  test('is replaced when its Task is applied, above every generation there was', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'tasks', 'phantom', 'task.json');
    await open(folder.path).apply(aTask());
    await open(folder.path).updateStatus('phantom', status);
    await writeFile(path, damage);
    await expect(open(folder.path).get('phantom')).rejects.toMatchObject({
      code: 'TASK_UNREADABLE',
      message: expect.stringContaining(path),
    });
    expect(await open(folder.path).list()).toEqual([]);
    const task = await open(folder.path).apply(aTask());
    expect(task.metadata.generation).toBe(5);
    expect(await open(folder.path).get('phantom')).toEqual(task);
  });

  test('as a status is none, and gives way to a new one', async () => {
    await using folder = await temporaryFolder();
    const store = open(folder.path);
    const task = await store.apply(aTask());
    await writeFile(join(folder.path, 'tasks', 'phantom', 'status.json'), damage);
    expect(await store.get('phantom')).toEqual(task);
    await store.updateStatus('phantom', status);
    expect((await store.get('phantom'))?.status).toEqual(status);
  });

  test('as a Model is none, is named once in the log, and gives way to a new one', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'models', 'phantom.json');
    const log = new RecordingLogger();
    const store = open(folder.path, log);
    await mkdir(join(folder.path, 'models'));
    await writeFile(path, damage);
    expect([await store.getModel('phantom'), await store.getModel('phantom')]).toEqual([undefined, undefined]);
    expect(log.lines.map(({ fields }) => fields)).toEqual([{ path }]);
    const model: Model = {
      apiVersion: API_VERSION,
      kind: 'Model',
      metadata: { name: 'phantom', creationTimestamp: '2026-01-01T00:00:00.000Z' },
      spec: { version: 1, task: 'phantom', step: 'a', best: { members: ['2d'], voting: 'soft', meanDice: null } },
    };
    await store.applyModel(model);
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(model);
  });
});
