// The epoch loop of one fold. Everything that decides the weights is in the run, the fold and the engine; the clock only
// says when to save and how long an epoch took.

import type { Training } from '#compute/engine.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { targetCounts } from '#core/training/pseudo-dice.ts';
import type { EpochMessage } from '#steps/epoch-message.ts';
import type { StepContext } from '#steps/step-context.ts';
import { metricsSubject } from '#steps/step-names.ts';
import type { Fold } from './fold.ts';
import type { FoldBatches } from './fold-batches.ts';
import {
  afterEpoch,
  afterStep,
  afterValidation,
  endedWithBest,
  type FoldRun,
  nextUnit,
  type Unit,
  unitsDone,
} from './fold-run.ts';

/** How far a fold is, with what was best on the way. */
export interface FoldProgress {
  readonly run: FoldRun;
  /** At the end of the epoch with the highest moving average of the pseudo Dice; until one is done, the initial ones. */
  readonly bestWeights: Tensors;
}

export interface EpochLoop {
  readonly context: StepContext;
  readonly fold: Pick<Fold, 'options' | 'labels'>;
  readonly batches: FoldBatches;
  readonly training: Training;
  /** Those that `training` has come to. */
  readonly weights: () => Promise<Tensors>;
  /** All of the work, for the progress. */
  readonly unitsTotal: number;
  /** Stores a checkpoint from which `trainEpochs` goes on. */
  readonly save: (reached: FoldProgress) => Promise<void>;
}

/**
 * Trains from where `from` is to the end of the last epoch, saving a checkpoint whenever the interval has passed.
 *
 * @returns `yielded` when the step was asked to stop, after a checkpoint where there is time for one.
 * @throws {TrainingDivergedError} after too many skipped steps in a row.
 */
export async function trainEpochs(loop: EpochLoop, from: FoldProgress): Promise<FoldProgress | 'yielded'> {
  const { context } = loop;
  const { options } = loop.fold;
  const { stop } = context;
  let { run, bestWeights } = from;
  let savedAt = context.clock.monotonicMs();
  let epochBegan = savedAt;
  for (let unit = nextUnit(run, options); unit.kind !== 'finished'; unit = nextUnit(run, options)) {
    run = await carryOut(loop, unit, run);
    const epoch = Math.min(run.epoch + 1, options.epochs);
    context.progress(`epoch ${epoch}/${options.epochs}`, unitsDone(run, options), loop.unitsTotal);
    if (unit.kind === 'close-epoch') {
      if (endedWithBest(run)) bestWeights = await loop.weights();
      await announce(loop, run, secondsSince(epochBegan, context));
      epochBegan = context.clock.monotonicMs();
    }
    if (stop.requested === 'now') return 'yielded';
    if (stop.requested === 'checkpoint' || secondsSince(savedAt, context) >= interval(context)) {
      await loop.save({ run, bestWeights });
      savedAt = context.clock.monotonicMs();
    }
    if (stop.requested !== 'none') return 'yielded';
  }
  return { run, bestWeights };
}

async function carryOut({ fold, batches, training }: EpochLoop, unit: Unit, run: FoldRun): Promise<FoldRun> {
  const { seed } = fold.options;
  switch (unit.kind) {
    case 'step':
      return afterStep(run, await training.step(batches.training({ seed, ...unit }), unit.learningRate));
    case 'validate': {
      const { loss, ...counts } = await training.validate(batches.validation({ seed, ...unit }));
      return afterValidation(run, { loss, ...targetCounts(counts, fold.labels.classOrder !== null) });
    }
    case 'close-epoch':
      return afterEpoch(run, fold.options);
    case 'finished':
      return run;
  }
}

async function announce({ context, fold }: EpochLoop, run: FoldRun, seconds: number): Promise<void> {
  const metrics = run.metrics.at(-1);
  if (metrics === undefined) return;
  const { step, attempt, description, log, bus } = context;
  const { epoch, trainLoss, validationLoss, meanPseudoDice, movingAverageDice, skippedSteps } = metrics;
  log.info({ epoch, trainLoss, validationLoss, meanPseudoDice, movingAverageDice, seconds }, 'epoch finished');
  if (skippedSteps > 0) log.warn({ epoch, skippedSteps }, 'steps skipped: loss or gradient not finite');
  const body: EpochMessage = { ...metrics, step, attempt, seconds };
  const subject = metricsSubject({ taskUid: description.task.uid, ...fold.options });
  await bus.publish({ subject, id: `${step}.${attempt}.${epoch}`, body });
}

const interval = ({ description }: StepContext): number => description.checkpointIntervalSeconds;

const secondsSince = (thenMs: number, { clock }: StepContext): number => (clock.monotonicMs() - thenMs) / 1000;
