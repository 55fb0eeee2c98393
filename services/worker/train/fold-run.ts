// How far the training of one fold has come, as data: what a checkpoint holds besides weights and optimiser state.
// Nothing here knows the time or the attempt, so an interrupted run passes through the same values as one that was not.

import type { StepResult, ValidationResult } from '#compute/engine.ts';
import { isDivergence } from '#core/training/loss-scale.ts';
import { polyLearningRate } from '#core/training/poly-learning-rate.ts';
import { addCounts, movingAverage, pseudoDice, type VoxelCounts } from '#core/training/pseudo-dice.ts';
import type { EpochMetrics } from '#steps/epoch-metrics.ts';
import { epochUnits, TRAINING_ITERATION_UNITS, VALIDATION_ITERATION_UNITS } from '#steps/forecast.ts';
import type { TrainOptions } from '#steps/options.ts';
import { TrainingDivergedError } from './training-diverged-error.ts';

/**
 * Skipped steps that end a training, with no good one between them: an occasional one is harmless, this many do not mend
 * themselves. Those that only looked for the scale of their loss are not counted.
 */
export const MOST_SKIPPED_IN_A_ROW = 20;

export type FoldSchedule = Pick<
  TrainOptions,
  'epochs' | 'iterationsPerEpoch' | 'validationIterationsPerEpoch' | 'initialLearningRate'
>;

/** Everything is plain JSON: numbers finite, absent values `null`. */
export interface FoldRun {
  /** Being run, from 0; equal to the schedule's epochs when all are done. */
  readonly epoch: number;
  readonly training: {
    /** Of this epoch, done; skipped ones included. */
    readonly iterations: number;
    readonly lossSum: number;
    readonly skipped: number;
  };
  readonly validation: {
    readonly iterations: number;
    /** `null` once a loss was not finite. */
    readonly lossSum: number | null;
    readonly counts: VoxelCounts;
  };
  /** Steps that told of divergence without a good one since, also across epochs. */
  readonly skippedInARow: number;
  /** Of every finished epoch. */
  readonly metrics: readonly EpochMetrics[];
}

/** What comes next. Iterations count from 0 within their epoch. */
export type Unit =
  | { readonly kind: 'step'; readonly epoch: number; readonly iteration: number; readonly learningRate: number }
  | { readonly kind: 'validate'; readonly epoch: number; readonly iteration: number }
  | { readonly kind: 'close-epoch' }
  | { readonly kind: 'finished' };

/** A fold of which nothing is done. @param targets foreground labels, or regions. */
export function newFoldRun(targets: number): FoldRun {
  return { epoch: 0, ...freshEpoch(targets), skippedInARow: 0, metrics: [] };
}

/** A fold that an earlier schedule has trained, at the start of the epoch after those. */
export const continuedFoldRun = (targets: number, metrics: readonly EpochMetrics[]): FoldRun => ({
  ...newFoldRun(targets),
  epoch: metrics.length,
  metrics,
});

function freshEpoch(targets: number): Pick<FoldRun, 'training' | 'validation'> {
  const zeros: readonly number[] = Array.from({ length: targets }, () => 0);
  return {
    training: { iterations: 0, lossSum: 0, skipped: 0 },
    validation: {
      iterations: 0,
      lossSum: 0,
      counts: { truePositives: zeros, falsePositives: zeros, falseNegatives: zeros },
    },
  };
}

/** The next unit of work: an epoch's training iterations, its validation iterations, its closing; then the next epoch. */
export function nextUnit(run: FoldRun, schedule: FoldSchedule): Unit {
  if (run.epoch >= schedule.epochs) return { kind: 'finished' };
  const { epoch, training, validation } = run;
  if (training.iterations < schedule.iterationsPerEpoch) {
    return { kind: 'step', epoch, iteration: training.iterations, learningRate: learningRate(run, schedule) };
  }
  if (validation.iterations < schedule.validationIterationsPerEpoch) {
    return { kind: 'validate', epoch, iteration: validation.iterations };
  }
  return { kind: 'close-epoch' };
}

/** @throws {TrainingDivergedError} when this was the last skipped step that is borne with. */
export function afterStep(run: FoldRun, result: StepResult): FoldRun {
  const { iterations, lossSum, skipped } = run.training;
  const skippedInARow = result.skipped ? run.skippedInARow + (isDivergence(result) ? 1 : 0) : 0;
  if (skippedInARow >= MOST_SKIPPED_IN_A_ROW) throw new TrainingDivergedError(run.epoch, iterations, skippedInARow);
  return {
    ...run,
    skippedInARow,
    training: {
      iterations: iterations + 1,
      lossSum: result.skipped ? lossSum : lossSum + result.loss,
      skipped: result.skipped ? skipped + 1 : skipped,
    },
  };
}

export function afterValidation(run: FoldRun, result: ValidationResult): FoldRun {
  const { validation } = run;
  const finite = validation.lossSum !== null && Number.isFinite(result.loss);
  return {
    ...run,
    validation: {
      iterations: validation.iterations + 1,
      lossSum: finite ? (validation.lossSum ?? 0) + result.loss : null,
      counts: addCounts(validation.counts, result),
    },
  };
}

/** Turns the epoch's sums into its metrics and goes on to the next epoch. */
export function afterEpoch(run: FoldRun, schedule: FoldSchedule): FoldRun {
  return {
    ...run,
    ...freshEpoch(run.validation.counts.truePositives.length),
    epoch: run.epoch + 1,
    metrics: [...run.metrics, epochMetrics(run, schedule)],
  };
}

/**
 * Whether no epoch before the one just finished had as high a moving average. The first always is the best so far; an
 * epoch before which no class was ever present counts below all others.
 *
 * @see nnU-Net v2, nnUNetTrainer.on_epoch_end
 */
export function endedWithBest({ metrics }: Pick<FoldRun, 'metrics'>): boolean {
  const averages = metrics.map(({ movingAverageDice }) => movingAverageDice ?? Number.NEGATIVE_INFINITY);
  const last = averages.pop();
  return last !== undefined && averages.every((average) => average < last);
}

function epochMetrics(run: FoldRun, schedule: FoldSchedule): EpochMetrics {
  const { training, validation } = run;
  const dice = pseudoDice(validation.counts);
  const goodSteps = training.iterations - training.skipped;
  return {
    epoch: run.epoch,
    epochs: schedule.epochs,
    trainLoss: goodSteps === 0 ? null : training.lossSum / goodSteps,
    validationLoss: validation.lossSum === null ? null : validation.lossSum / validation.iterations,
    pseudoDice: dice.perClass,
    meanPseudoDice: dice.mean,
    movingAverageDice: movingAverage(run.metrics.at(-1)?.movingAverageDice ?? null, dice.mean),
    learningRate: learningRate(run, schedule),
    skippedSteps: training.skipped,
  };
}

const learningRate = (run: FoldRun, schedule: FoldSchedule): number =>
  polyLearningRate(run.epoch, schedule.epochs, schedule.initialLearningRate);

/** Work done, of `unitsTotal`. Grows with every iteration. */
export const unitsDone = (run: FoldRun, schedule: FoldSchedule): number =>
  run.epoch * epochUnits(schedule) +
  run.training.iterations * TRAINING_ITERATION_UNITS +
  run.validation.iterations * VALIDATION_ITERATION_UNITS;

/** Work of all epochs, in the units of the forecast. */
export const unitsTotal = (schedule: FoldSchedule): number => schedule.epochs * epochUnits(schedule);
