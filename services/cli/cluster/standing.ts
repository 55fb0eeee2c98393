import { type Condition, type ConditionType, RETRY_ANNOTATION } from '#api/v1alpha1/kinds.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';

/** How a Task is; only `working` goes on by itself. */
export type Standing = 'working' | 'succeeded' | 'failed' | 'suspended';

export const conditionOf = ({ status }: TaskResource, type: ConditionType): Condition | undefined =>
  status?.conditions.find((condition) => condition.type === type);

const isTrue = (task: TaskResource, type: ConditionType): boolean => conditionOf(task, type)?.status === 'True';

/** Whether a controller has looked at the Task as it is wanted now. What it says of an earlier spec is out of date. */
export const isObserved = ({ metadata, status }: TaskResource): boolean =>
  status !== undefined && status.observedGeneration === metadata.generation;

/** Whether a retry was asked for that no controller has heard of yet. */
export const isRetryPending = ({ metadata, status }: TaskResource): boolean => {
  const asked = metadata.annotations?.[RETRY_ANNOTATION];
  return asked !== undefined && asked !== status?.lastRetryRequestedAt;
};

export function standingOf(task: TaskResource): Standing {
  if (!isObserved(task)) return 'working';
  if (isTrue(task, 'Succeeded')) return 'succeeded';
  if (isTrue(task, 'Failed')) return isRetryPending(task) ? 'working' : 'failed';
  return isTrue(task, 'Suspended') ? 'suspended' : 'working';
}

/** In one word, as `kubectl get` has it; `-` before any controller has looked at the Task. */
export const stateOf = (task: TaskResource): string => conditionOf(task, 'Succeeded')?.reason ?? '-';

/** What the spec says; a stored one has been checked by the API server. */
export const isToBeSuspended = ({ spec }: TaskResource): boolean =>
  (spec as { readonly suspend?: boolean } | null)?.suspend === true;
