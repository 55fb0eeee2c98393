import { conditionOf } from '#api/v1alpha1/standing.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import { standingOf } from './standing.ts';
import { bestText } from './task-description.ts';

/** What a person reads of a Task at its end. */
export function endText(task: TaskResource): string {
  const { name } = task.metadata;
  switch (standingOf(task)) {
    case 'succeeded':
      return [`Task ${name} succeeded.`, ...results(task)].join('\n');
    case 'failed': {
      const failed = conditionOf(task, 'Failed');
      return `Task ${name} failed (${failed?.reason}): ${failed?.message}\n${adviceFor(name)}`;
    }
    case 'suspended':
      return `Task ${name} is suspended; bin/pentafold retry ${name} lets it go on.`;
    case 'working':
      return `Task ${name} is at work.`;
  }
}

const adviceFor = (name: string): string =>
  '  what the reasons mean: docs/errors.md. ' +
  `What its steps wrote: bin/pentafold logs ${name}. When it is mended: bin/pentafold retry ${name}`;

const results = ({ status }: TaskResource): string[] => [
  ...(status?.best === undefined ? [] : [`Best: ${bestText(status.best)}`]),
  ...(status?.model === undefined ? [] : [`Model ${status.model.name}, version ${status.model.version}`]),
];
