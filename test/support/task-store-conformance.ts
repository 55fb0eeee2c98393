import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { API_VERSION, type Model, type TaskStatus, taskManifest } from '#api/v1alpha1/kinds.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';

/** A store for one test, empty at first. */
export interface TaskStoreUnderTest extends AsyncDisposable {
  readonly store: TaskStore;
}

const manifest = (name: string, spec: object = {}) =>
  taskManifest.parse({
    apiVersion: API_VERSION,
    kind: 'Task',
    metadata: { name },
    spec: { dataset: { uri: 'file:///data' }, ...spec },
  });

const status = (progress: string): TaskStatus => ({
  observedGeneration: 1,
  conditions: [],
  progress,
  configurations: [],
});

const model = (version: number, task = 'phantom'): Model => ({
  apiVersion: API_VERSION,
  kind: 'Model',
  metadata: { name: 'phantom', creationTimestamp: '2026-01-01T00:00:00.000Z' },
  spec: { version, task, step: 'a'.repeat(64), best: { members: ['2d'], voting: 'soft', meanDice: 0.9 } },
});

/** What every task store does, whatever it keeps the objects in. */
export function testsTaskStore(name: string, open: () => Promise<TaskStoreUnderTest>): void {
  describe(`task store: ${name}`, () => {
    let opened: TaskStoreUnderTest;
    let store: TaskStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    test('has nothing at first', async () => {
      expect(await store.list()).toEqual([]);
      expect(await store.get('phantom')).toBeUndefined();
      expect(await store.getModel('phantom')).toBeUndefined();
    });

    test('a Task applied for the first time has a uid and generation 1', async () => {
      const task = await store.apply(manifest('phantom'));
      expect(task).toMatchObject({ ...manifest('phantom'), metadata: { name: 'phantom', generation: 1 } });
      expect(task.metadata.uid).not.toBe('');
      expect(Date.parse(task.metadata.creationTimestamp)).not.toBeNaN();
      expect(await store.get('phantom')).toEqual(task);
    });

    test('the same spec applied again changes nothing', async () => {
      const first = await store.apply(manifest('phantom'));
      expect(await store.apply(manifest('phantom'))).toEqual(first);
    });

    test('another spec raises the generation and keeps the rest', async () => {
      const first = await store.apply(manifest('phantom'));
      const second = await store.apply(manifest('phantom', { folds: 3 }));
      expect(second.spec.folds).toBe(3);
      expect(second.metadata).toEqual({ ...first.metadata, generation: 2 });
      expect(await store.get('phantom')).toEqual(second);
    });

    test('a status is kept apart from the spec and survives another one', async () => {
      await store.apply(manifest('phantom'));
      await store.updateStatus('phantom', status('40%'));
      const task = await store.apply(manifest('phantom', { folds: 3 }));
      expect(task).toMatchObject({ spec: { folds: 3 }, metadata: { generation: 2 }, status: status('40%') });
      await store.updateStatus('phantom', status('50%'));
      expect(await store.get('phantom')).toMatchObject({ metadata: { generation: 2 }, status: status('50%') });
    });

    test('a Task that is not there has no status to update', async () => {
      await expect(store.updateStatus('phantom', status('1%'))).rejects.toThrow('there is no Task phantom');
    });

    test('Tasks are listed by name, each with its own uid', async () => {
      for (const one of ['b', 'a', 'c']) await store.apply(manifest(one));
      const tasks = await store.list();
      expect(tasks.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
      expect(new Set(tasks.map(({ metadata }) => metadata.uid)).size).toBe(3);
    });

    test('a Model is replaced by a higher version only', async () => {
      await store.applyModel(model(1));
      await store.applyModel(model(2));
      // An API server sets the time by its own clock.
      const { metadata, spec } = model(2);
      const wanted = { metadata: { name: metadata.name, creationTimestamp: expect.any(String) }, spec };
      expect(await store.getModel('phantom')).toMatchObject(wanted);
      await expect(store.applyModel(model(1))).rejects.toThrow('model phantom has version 2 already');
      await expect(store.applyModel(model(2, 'another'))).rejects.toThrow('versions do not change');
      expect(await store.getModel('phantom')).toMatchObject(wanted);
    });

    test('the same Model applied again is fine', async () => {
      await store.applyModel(model(1));
      await store.applyModel(model(1));
      expect((await store.getModel('phantom'))?.spec).toEqual(model(1).spec);
    });

    test('a wait ends when a Task comes or has another spec, also if that was before the wait', async () => {
      const { signal } = new AbortController();
      await store.apply(manifest('phantom'));
      await store.changed(signal);
      const changed = store.changed(signal);
      await store.apply(manifest('phantom', { folds: 3 }));
      await changed;
    });

    test('a wait does not end for what changes nothing, but when it is called off', async () => {
      await store.apply(manifest('phantom'));
      await store.changed(new AbortController().signal);
      const calledOff = new AbortController();
      let ended = false;
      const changed = store.changed(calledOff.signal).then(() => {
        ended = true;
      });
      await store.apply(manifest('phantom'));
      await store.updateStatus('phantom', status('40%'));
      await store.get('phantom');
      expect(ended).toBe(false);
      calledOff.abort();
      await changed;
      await store.changed(calledOff.signal);
    });

    test.each(['../phantom', 'a/b', '', 'Phantom'])('%j is refused as a name', async (bad) => {
      await expect(store.get(bad)).rejects.toThrow(RangeError);
      await expect(store.getModel(bad)).rejects.toThrow(RangeError);
    });
  });
}
