import { API_VERSION, type Task, taskSpec } from '#api/v1alpha1/kinds.ts';

/** A Task of which a test says only the fields of the spec that it is about. */
export function aTask(spec: object = {}, name = 'phantom'): Task {
  return {
    apiVersion: API_VERSION,
    kind: 'Task',
    metadata: { name, uid: 'uid-1', generation: 1, creationTimestamp: '2026-01-01T00:00:00.000Z' },
    spec: taskSpec.parse({ dataset: { uri: 'file:///data/phantom' }, ...spec }),
  };
}
