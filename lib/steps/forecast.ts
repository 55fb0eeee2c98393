// How much work a step is: only good enough for a progress bar that moves evenly. The factors were guessed from what
// each step does per case, and may be tuned. Weights are in training iterations; what a training reports on its way is
// in units of a third of one, since progress travels in whole numbers.

import type { TaskSpec } from '#api/v1alpha1/kinds.ts';
import { foldNames } from '#core/training/folds.ts';

/** Reading and checking every case; the number of cases is not known yet. */
export const INGEST_WEIGHT = 20;

/** Arithmetic on a fingerprint. */
export const PLAN_WEIGHT = 1;

/** Copying files. */
export const PUBLISH_WEIGHT = 5;

/** Units of one training iteration. */
export const TRAINING_ITERATION_UNITS = 3;

/** Units of one validation iteration: a forward pass alone costs a third of a training step. */
export const VALIDATION_ITERATION_UNITS = 1;

/** Units of the prediction of one case, a sliding window: tiles times mirrored passes, as about eight training steps. */
export const PREDICTED_CASE_UNITS = 24;

/** Configurations of a Task that leaves them to the plans: `2d` and, unless the images are single slices, `3d_fullres`. */
const DEFAULT_CONFIGURATIONS = 2;

/** The iterations that decide how much work the epochs of a fold are. */
export type EpochSchedule = Pick<
  TaskSpec['training'],
  'epochs' | 'iterationsPerEpoch' | 'validationIterationsPerEpoch'
>;

/** Units of one epoch. */
export const epochUnits = (schedule: EpochSchedule): number =>
  schedule.iterationsPerEpoch * TRAINING_ITERATION_UNITS +
  schedule.validationIterationsPerEpoch * VALIDATION_ITERATION_UNITS;

/** Crop, normalise and resample `cases` cases. */
export const preprocessWeight = (cases: number): number => cases;

/** All epochs of one fold, then the prediction of its validation cases. */
export const trainWeight = (schedule: EpochSchedule, validationCases: number): number =>
  (schedule.epochs * epochUnits(schedule) + validationCases * PREDICTED_CASE_UNITS) / TRAINING_ITERATION_UNITS;

/** Scores of every configuration, and of every pair by every voting. */
export function ensembleWeight(configurations: number, votings: number, cases: number): number {
  const pairs = (configurations * (configurations - 1)) / 2;
  return cases * (configurations + pairs * votings);
}

/**
 * The work that `unfold` does not show before the plan is made: as if every wanted configuration were planned,
 * and without what depends on the number of cases.
 */
export function unplannedWeight(spec: TaskSpec): number {
  const configurations = spec.configurations?.length ?? DEFAULT_CONFIGURATIONS;
  return configurations * foldNames(spec.folds).length * trainWeight(spec.training, 0) + PUBLISH_WEIGHT;
}
