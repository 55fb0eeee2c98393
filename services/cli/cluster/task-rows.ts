// A Task of a cluster as rows of the table that `run` shows too: its stages, then the newest attempt of each step.

import type { Condition, ConditionType } from '#api/v1alpha1/kinds.ts';
import { REASONS } from '#api/v1alpha1/reasons.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import type { EpochMessage } from '#steps/epoch-message.ts';
import type { Curve } from '../display/epoch-board.ts';
import type { Row } from '../display/rows.ts';
import { inWords } from '../display/stopwatch.ts';
import { attemptTitle, attemptWords } from './attempt-words.ts';
import { foldName } from './curve-lines.ts';
import { newestAttempts } from './newest-attempts.ts';
import { oneLine } from './one-line.ts';

/** A Task with its attempts and what is heard of its epochs, at one moment. */
export interface TaskView {
  readonly task: TaskResource;
  readonly attempts: readonly ShownAttempt[];
  readonly curves: readonly Curve[];
}

const STAGES: ReadonlySet<ConditionType> = new Set(['Planned', 'Preprocessed', 'Trained', 'Ensembled', 'Published']);

export const taskRows = ({ task, attempts, curves }: TaskView, now: Date): Row[] => [
  ...(task.status?.conditions ?? []).filter(isTold).map(stageRow),
  ...newestAttempts(attempts).map((attempt) => attemptRow(attempt, curves, now)),
  ...curves.filter(({ step }) => attempts.every((attempt) => attempt.step !== step)).map(curveRow),
];

/** Stages, and whatever is wrong. */
const isTold = ({ type, status, reason }: Condition): boolean =>
  STAGES.has(type) ||
  (type === 'Accepted' && status === 'False') ||
  (type === 'Failed' && (status === 'True' || reason === REASONS.retrying)) ||
  (type === 'Suspended' && reason !== REASONS.notSuspended) ||
  (type === 'Degraded' && status === 'True');

const stageRow = ({ type, status, message }: Condition): Row => ({
  ...NO_NUMBERS,
  key: `stage/${type}`,
  state: status === 'True' ? 'done' : 'blocked',
  step: type,
  doing: oneLine(message),
});

const NO_NUMBERS = { fold: '', loss: '', pseudoDice: '', elapsed: '', left: '' } as const;

const lastValues = (last: EpochMessage | undefined) => ({
  loss: last?.trainLoss?.toFixed(3) ?? '',
  pseudoDice: last?.meanPseudoDice?.toFixed(3) ?? '',
});

const STATES = { pending: 'waiting', running: 'running', ended: 'given-up', killed: 'given-up' } as const;

function attemptRow(attempt: ShownAttempt, curves: readonly Curve[], now: Date): Row {
  const { state, startedAt } = attempt;
  const isDone = state.kind === 'ended' && state.exitCode === 0;
  const last = curves.find(({ step }) => step === attempt.step)?.epochs.at(-1);
  const isTraining = state.kind === 'running' && last !== undefined;
  return {
    ...NO_NUMBERS,
    key: attempt.step,
    state: isDone ? 'done' : STATES[state.kind],
    step: attemptTitle(attempt),
    ...lastValues(last),
    elapsed: state.kind === 'running' && startedAt !== null ? inWords(now.getTime() - startedAt.getTime()) : '',
    doing: isTraining ? `epoch ${last.epoch + 1} of ${last.epochs} done` : attemptWords(state),
  };
}

/** A training that is heard of but not seen: its Job is gone, or may not be read. */
function curveRow({ key, step, epochs }: Curve): Row {
  const last = epochs.at(-1);
  const [done, all] = [(last?.epoch ?? 0) + 1, last?.epochs ?? 0];
  return {
    ...NO_NUMBERS,
    ...lastValues(last),
    key: step,
    state: done === all ? 'done' : 'waiting',
    step: `train ${foldName(key)}`,
    doing: `epoch ${done} of ${all} done`,
  };
}
