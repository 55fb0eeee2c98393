import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import { alignedLines } from '../display/aligned.ts';
import { inWords } from '../display/stopwatch.ts';
import { ageOf } from './age.ts';
import { stateOf } from './standing.ts';

/** Time until a Task is done, by its own estimate; `null` where there is none, or it is over. */
export function timeLeft({ status }: TaskResource, now: Date): number | null {
  const end = status?.estimatedCompletionTime;
  if (end === undefined) return null;
  const left = Date.parse(end) - now.getTime();
  return left > 0 ? left : null;
}

/** The columns of `kubectl get tasks`, with the estimate as time left. */
export function taskTable(tasks: readonly TaskResource[], now: Date): string {
  const rows = tasks.map((task) => [
    task.metadata.name,
    stateOf(task),
    task.status?.progress ?? '-',
    task.status?.best?.dice ?? '-',
    inWords(timeLeft(task, now)),
    ageOf(task.metadata.creationTimestamp, now),
  ]);
  const lines = alignedLines([['NAME', 'STATE', 'PROGRESS', 'BEST-DICE', 'ETA', 'AGE'], ...rows]);
  return `${lines.join('\n')}\n`;
}
