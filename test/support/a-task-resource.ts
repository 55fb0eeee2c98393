import type { Condition, TaskStatus } from '#api/v1alpha1/kinds.ts';
import type { ObjectMeta } from '#platform/kube/kube-object.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';

type Said = readonly [type: Condition['type'], status: Condition['status'], reason?: string, message?: string];

/** A Task as the API server has it, called `liver`, in its first generation. */
export const aTaskResource = ({
  status,
  spec = {},
  ...metadata
}: Partial<ObjectMeta> & { readonly status?: TaskStatus; readonly spec?: object } = {}): TaskResource => ({
  apiVersion: 'pentafold.io/v1alpha1',
  kind: 'Task',
  metadata: {
    name: 'liver',
    namespace: 'research',
    uid: 'uid-of-liver',
    resourceVersion: '1',
    generation: 1,
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...metadata,
  },
  spec: { dataset: { uri: 's3://imaging/liver' }, ...spec },
  ...(status === undefined ? {} : { status }),
});

/** A status that says these conditions, one minute after the Task was made. */
export const aTaskStatus = (said: readonly Said[], changes: Partial<TaskStatus> = {}): TaskStatus => ({
  observedGeneration: 1,
  conditions: said.map(([type, status, reason = 'Reason', message = 'As it is.']) => ({
    ...{ type, status, reason, message },
    lastTransitionTime: '2026-01-01T00:01:00Z',
    observedGeneration: 1,
  })),
  progress: '42%',
  configurations: [],
  ...changes,
});
