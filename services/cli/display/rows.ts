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
  readonly dice: string;
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
      dice: last?.movingAverageDice?.toFixed(3) ?? '',
      elapsed: running ? inWords(stopwatch.elapsed(attemptOf(step), now)) : '',
      left: running ? inWords(stepTimeLeft(step, stopwatch, now)) : '',
      doing: doing(step),
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

function doing({ state, progress }: StepSnapshot): string {
  if (state === 'running') return progress?.activity || 'starting';
  if (state === 'pausing') return 'failed, will be tried again';
  return state === 'given-up' ? 'failed' : state;
}
