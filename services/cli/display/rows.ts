import type { StepSnapshot, TaskSnapshot } from '../../controller/service.ts';
import type { EpochBoard } from './epoch-board.ts';
import { inWords, type TimeLeft } from './time-left.ts';

/** A step as a line of text has it. */
export interface Row {
  readonly key: string;
  readonly state: StepSnapshot['state'];
  /** `train 3d_fullres`, without the fold. */
  readonly step: string;
  readonly fold: string;
  readonly epoch: string;
  readonly loss: string;
  readonly dice: string;
  readonly left: string;
  /** What it does now, or how it stands. */
  readonly doing: string;
}

/** Every step that has begun, in the order of the graph. */
export function rowsOf({ steps }: TaskSnapshot, epochs: EpochBoard, timeLeft: TimeLeft, now: Date): Row[] {
  return steps.filter(hasBegun).map((step) => {
    const last = step.kind === 'train' ? epochs.of(step.key, step.step) : undefined;
    return {
      key: step.key,
      state: step.state,
      step: step.configuration === null ? step.title : `${step.kind} ${step.configuration}`,
      fold: step.fold?.toString() ?? '',
      epoch: last === undefined ? '' : `${last.epoch + 1}/${last.epochs}`,
      loss: last?.trainLoss?.toFixed(3) ?? '',
      dice: last?.movingAverageDice?.toFixed(3) ?? '',
      left: step.state === 'running' ? inWords(stepTimeLeft(step, timeLeft, now)) : '',
      doing: doing(step),
    };
  });
}

const hasBegun = ({ state, attempt }: StepSnapshot): boolean =>
  state === 'done' || state === 'running' || state === 'pausing' || state === 'given-up' || attempt !== null;

function stepTimeLeft({ key, progress, attempt }: StepSnapshot, timeLeft: TimeLeft, now: Date): number | null {
  if (progress === null || progress.unitsTotal <= 0) return null;
  return timeLeft.of(`${key}#${attempt}`, progress.unitsDone / progress.unitsTotal, now);
}

function doing({ state, progress }: StepSnapshot): string {
  if (state === 'running') return progress?.activity || 'starting';
  if (state === 'pausing') return 'failed, will be tried again';
  return state === 'given-up' ? 'failed' : state;
}
