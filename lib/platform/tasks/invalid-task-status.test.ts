import { expect, test } from 'vitest';
import { API_VERSION, taskStatus } from '#api/v1alpha1/kinds.ts';
import type { TaskResource } from './custom-resources.ts';
import { invalidTaskStatus, saysInvalid } from './invalid-task-status.ts';
import { readTask } from './read-task.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

const aResource = (spec: unknown, generation = 1): TaskResource => ({
  apiVersion: API_VERSION,
  kind: 'Task',
  metadata: {
    name: 'phantom',
    namespace: 'research',
    uid: 'uid-1',
    resourceVersion: '1',
    generation,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  spec,
});

test('the status of a Task that is not valid says all that is wrong, and is said once per generation', () => {
  const resource = aResource({ dataset: { uri: 'file:///data' }, folds: 1, training: { epochs: 0 } });
  const read = readTask(resource);
  if (read.kind !== 'invalid') throw new Error('the Task should not be valid');
  const status = invalidTaskStatus(resource, read.problems, NOW);
  expect(status.conditions.map(({ type, status }) => [type, status])).toEqual([
    ['Accepted', 'False'],
    ['Succeeded', 'False'],
    ['Failed', 'True'],
  ]);
  expect(status.conditions[0]?.message).toBe(
    'The Task is not valid: spec.folds: expected at least 2, got 1; spec.training.epochs: expected at least 1, got 0.',
  );
  expect(saysInvalid(resource)).toBe(false);
  expect(saysInvalid({ ...resource, status })).toBe(true);
  expect(saysInvalid({ ...aResource(resource.spec, 2), status })).toBe(false);
});

test('however much is wrong, the status is one that can be stored', () => {
  const status = invalidTaskStatus(aResource({}), Array(1000).fill('spec.folds: expected at least 2'), NOW);
  expect(() => taskStatus.parse(status)).not.toThrow();
});

test('a status that cannot be read is none', () => {
  const resource = { ...aResource({ dataset: { uri: 'file:///data' } }), status: { phase: 'old' } as never };
  expect(readTask(resource)).toMatchObject({ kind: 'task', task: { metadata: { name: 'phantom', generation: 1 } } });
  expect(Object(readTask(resource)).task.status).toBeUndefined();
});
