import { isRetryPending as isUnheard, retryRequest } from '#api/v1alpha1/retry.ts';
import { conditionOf, type Standing, standingOf as standingBefore } from '#api/v1alpha1/standing.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';

/** Whether a controller has looked at the Task as it is wanted now. What it says of an earlier spec is out of date. */
export const isObserved = ({ metadata, status }: TaskResource): boolean =>
  status !== undefined && status.observedGeneration === metadata.generation;

/** Whether a retry was asked for that no controller has heard of yet. */
export const isRetryPending = ({ metadata, status }: TaskResource): boolean =>
  isUnheard(retryRequest(metadata.annotations), status);

/** How a Task is; only `working` goes on by itself. */
export function standingOf(task: TaskResource): Standing {
  const standing = standingBefore(task);
  return standing === 'failed' && isRetryPending(task) ? 'working' : standing;
}

/** In one word, as `kubectl get` has it; `-` before any controller has looked at the Task. */
export const stateOf = (task: TaskResource): string => conditionOf(task, 'Succeeded')?.reason ?? '-';

/** What the spec says; a stored one has been checked by the API server. */
export const isToBeSuspended = ({ spec }: TaskResource): boolean =>
  (spec as { readonly suspend?: boolean } | null)?.suspend === true;
