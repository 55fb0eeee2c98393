import type { Condition, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { REASONS } from '#api/v1alpha1/reasons.ts';
import { conditionOf } from '#api/v1alpha1/standing.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import { alignedLines } from '../display/aligned.ts';
import { inWords } from '../display/stopwatch.ts';
import { ageOf } from './age.ts';
import { attemptTitle, attemptWords } from './attempt-words.ts';
import { oneLine } from './one-line.ts';
import { isObserved, isRetryPending, isToBeSuspended, stateOf } from './standing.ts';
import { timeLeft } from './task-table.ts';

/**
 * One Task for people: how it stands and why, what each configuration reached, what waits.
 *
 * @param attempts the newest of each step; `null` when one may not read them.
 */
export function taskDescription(task: TaskResource, attempts: readonly ShownAttempt[] | null, now: Date): string {
  const { metadata, status } = task;
  const head = [
    ['Task', `${metadata.name} (namespace ${metadata.namespace}, ${ageOf(metadata.creationTimestamp, now)} old)`],
    ['State', stateText(task)],
    ['Progress', progressText(task, now)],
    ...(status?.best === undefined ? [] : [['Best', bestText(status.best)]]),
    ...(status?.model === undefined ? [] : [['Model', `${status.model.name}, version ${status.model.version}`]]),
  ];
  const blocks = [
    [...alignedLines(head), ...remarks(task)],
    conditionLines(status?.conditions ?? [], now),
    configurationLines(status?.configurations ?? []),
    attemptLines(attempts),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** `2d + 3d_fullres (soft voting), mean Dice 0.893` */
export function bestText({ members, voting, dice }: NonNullable<TaskStatus['best']>): string {
  const votes = members.length > 1 ? ` (${voting} voting)` : '';
  return `${members.join(' + ')}${votes}, mean Dice ${dice}`;
}

function stateText(task: TaskResource): string {
  const succeeded = conditionOf(task, 'Succeeded');
  return succeeded === undefined
    ? 'no controller has looked at it yet'
    : `${stateOf(task)}: ${oneLine(succeeded.message)}`;
}

function progressText(task: TaskResource, now: Date): string {
  const left = timeLeft(task, now);
  return `${task.status?.progress ?? '0%'}${left === null ? '' : `, about ${inWords(left)} left`}`;
}

/** What the conditions do not say. */
function remarks(task: TaskResource): string[] {
  const { name } = task.metadata;
  const isNew = task.status === undefined;
  return [
    ...(isNew ? ['Should that stay so: bin/pentafold doctor --cluster looks for the controller.'] : []),
    ...(!isNew && !isObserved(task) ? ['Its spec was changed; the controller has not looked at that yet.'] : []),
    ...(isRetryPending(task) ? ['A retry was asked for; the controller has not heard of it yet.'] : []),
    ...(isToBeSuspended(task) ? [`It is suspended: bin/pentafold retry ${name} lets it go on.`] : []),
  ];
}

const ANSWERS = { True: 'yes', False: 'no', Unknown: '?' } as const;

/** `Degraded` and the like are said only when they are so. */
const BAD: ReadonlySet<string> = new Set(['Failed', 'Suspended', 'Degraded']);

function conditionLines(conditions: readonly Condition[], now: Date): string[] {
  const told = conditions.filter(
    ({ type, status, reason }) => !BAD.has(type) || status !== 'False' || NEWS.has(reason),
  );
  if (told.length === 0) return [];
  const rows = told.map(({ type, status, lastTransitionTime, message }) => [
    ...[type, ANSWERS[status], ageOf(lastTransitionTime, now), oneLine(message)],
  ]);
  return alignedLines([['CONDITION', '', 'SINCE', 'WHY'], ...rows]);
}

/** Something is going on though the condition is not so: a retry, workers that are ending. */
const NEWS: ReadonlySet<string> = new Set([REASONS.retrying, REASONS.retryRequested, REASONS.stopping]);

function configurationLines(configurations: TaskStatus['configurations']): string[] {
  if (configurations.length === 0) return [];
  const rows = configurations.map(({ name, folds, foldsDone, meanDice }) => [
    ...[name, `${foldsDone} of ${folds}`, meanDice ?? '-'],
  ]);
  return alignedLines([['CONFIGURATION', 'FOLDS', 'MEAN DICE'], ...rows]);
}

function attemptLines(attempts: readonly ShownAttempt[] | null): string[] {
  if (attempts === null) return ['What runs is not shown: you may not list jobs and pods here.'];
  const open = attempts.filter(({ state }) => state.kind !== 'ended' || state.exitCode !== 0);
  if (open.length === 0) return [];
  return alignedLines([['STEP', ''], ...open.map((one) => [attemptTitle(one), attemptWords(one.state)])]);
}
