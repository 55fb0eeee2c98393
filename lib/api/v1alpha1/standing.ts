import type { Condition, ConditionType, TaskStatus } from './kinds.ts';

/** How far the spec as it is now has come, whether or not a retry is asked for. */
export type Standing = 'working' | 'succeeded' | 'failed' | 'suspended';

/** As much of a Task as tells how it stands. */
interface Told {
  readonly metadata: { readonly generation?: number };
  readonly status?: TaskStatus;
}

export function standingOf(task: Told): Standing {
  const isSo = (type: ConditionType): boolean => currentCondition(task, type)?.status === 'True';
  if (isSo('Succeeded')) return 'succeeded';
  if (isSo('Failed')) return 'failed';
  return isSo('Suspended') ? 'suspended' : 'working';
}

/** The condition of a type, when it speaks of the spec as it is now. */
export function currentCondition(task: Told, type: ConditionType): Condition | undefined {
  const condition = conditionOf(task, type);
  return condition?.observedGeneration === task.metadata.generation ? condition : undefined;
}

/** The condition of a type, of whatever spec it speaks. */
export const conditionOf = ({ status }: Told, type: ConditionType): Condition | undefined =>
  status?.conditions.find((condition) => condition.type === type);
