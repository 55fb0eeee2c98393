import { type Condition, LONGEST_MESSAGE, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import { cut } from '#formats/cut-text.ts';
import type { TaskResource } from './custom-resources.ts';

const REASON = 'InvalidTask';

/** Whether the status of a Task says already that this generation of it is not valid. */
export const saysInvalid = ({ metadata, status }: TaskResource): boolean =>
  status?.observedGeneration === metadata.generation &&
  (status?.conditions ?? []).some(({ type, reason }) => type === 'Accepted' && reason === REASON);

/** What the status says of a Task that cannot be read: what a file would have been refused with. */
export function invalidTaskStatus(task: TaskResource, problems: readonly string[], now: Date): TaskStatus {
  const { generation = 1 } = task.metadata;
  const message = cut(`The Task is not valid: ${problems.join('; ')}.`, LONGEST_MESSAGE);
  const condition = (type: Condition['type'], status: Condition['status']): Condition => ({
    type,
    status,
    reason: REASON,
    message,
    lastTransitionTime: now.toISOString(),
    observedGeneration: generation,
  });
  return {
    observedGeneration: generation,
    conditions: [condition('Accepted', 'False'), condition('Succeeded', 'False'), condition('Failed', 'True')],
    progress: '0%',
    configurations: [],
  };
}
