import type { EpochMessage } from '#steps/epoch-message.ts';
import type { StepSnapshot, TaskSnapshot } from '../../controller/service.ts';
import type { EpochBoard } from './epoch-board.ts';
import { inWords, type Stopwatch } from './stopwatch.ts';

/** A step as a line of text has it. */
export interface Row {
  readonly key: string;
  readonly state: StepSnapshot['state'];
  /** `train 3d_fullres`, without the fold. */
  readonly step: string;
  readonly fold: string;
  readonly loss: string;
  /** Of the last epoch, while it trains. */
  readonly pseudoDice: string;
  /** How long it runs. */
  readonly elapsed: string;
  readonly left: string;
  /** What it does now, or how it stands. */
  readonly doing: string;
}

/** Every step that has begun, in the order of the graph. */
export function rowsOf({ steps }: TaskSnapshot, epochs: EpochBoard, stopwatch: Stopwatch, now: Date): Row[] {
  return steps.filter(hasBegun).map((step) => {
    const running = step.state === 'running';
    const last = step.kind === 'train' ? epochs.of(step.key, step.step) : undefined;
    return {
      key: step.key,
      state: step.state,
      step: step.configuration === null ? step.title : `${step.kind} ${step.configuration}`,
      fold: step.fold?.toString() ?? '',
      loss: last?.trainLoss?.toFixed(3) ?? '',
      pseudoDice: step.state === 'done' ? '' : (last?.meanPseudoDice?.toFixed(3) ?? ''),
      elapsed: running ? inWords(stopwatch.elapsed(attemptOf(step), now)) : '',
      left: running ? inWords(stepTimeLeft(step, stopwatch, now)) : '',
      doing: doing(step, last),
    };
  });
}

const hasBegun = ({ state, attempt }: StepSnapshot): boolean =>
  state === 'done' || state === 'running' || state === 'pausing' || state === 'given-up' || attempt !== null;

const attemptOf = ({ key, attempt }: StepSnapshot): string => `${key}#${attempt}`;

function stepTimeLeft(step: StepSnapshot, stopwatch: Stopwatch, now: Date): number | null {
  const { progress } = step;
  if (progress === null || progress.unitsTotal <= 0) return null;
  return stopwatch.left(attemptOf(step), progress.unitsDone / progress.unitsTotal, now);
}

function doing(step: StepSnapshot, last: EpochMessage | undefined): string {
  const { state, attempt, progress, failure, validationDice } = step;
  switch (state) {
    case 'running':
      return isStarting(progress?.activity) ? (isFirst(attempt) ? 'starting' : 'going on') : (progress?.activity ?? '');
    case 'waiting':
      return last === undefined ? 'waiting' : `stopped at epoch ${last.epoch + 1}`;
    case 'pausing':
      return `failed, will be tried again: ${failure?.split('\n')[0]}`;
    case 'given-up':
      return 'failed';
    case 'done':
      return validationDice === null ? 'done' : `done, Dice ${validationDice.toFixed(3)}`;
    case 'blocked':
      return state;
  }
}

/** Nothing said yet, or what a worker says first. */
const isStarting = (activity = ''): boolean => activity === '' || activity === 'starting';

const isFirst = (attempt: number | null): boolean => (attempt ?? 1) === 1;
