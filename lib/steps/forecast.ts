// How much work a step is, in training iterations: only good enough for a progress bar that moves evenly. The factors
// were guessed from what each step does per case, and may be tuned.

import type { TaskSpec } from '#api/v1alpha1/kinds.ts';

/** Reading and checking every case; the number of cases is not known yet. */
export const INGEST_WEIGHT = 20;

/** Arithmetic on a fingerprint. */
export const PLAN_WEIGHT = 1;

/** Copying files and a self-test. */
export const PUBLISH_WEIGHT = 5;

/** A forward pass alone, next to a whole training step. */
const FORWARD_SHARE = 1 / 3;

/** A sliding window over one case: tiles times mirrored passes. */
const ITERATIONS_PER_PREDICTED_CASE = 8;

/** Crop, normalise and resample `cases` cases. */
export const preprocessWeight = (cases: number): number => cases;

/** All epochs of one fold, then the prediction of its validation cases. */
export function trainWeight(
  training: Pick<TaskSpec['training'], 'epochs' | 'iterationsPerEpoch' | 'validationIterationsPerEpoch'>,
  validationCases: number,
): number {
  const perEpoch = training.iterationsPerEpoch + training.validationIterationsPerEpoch * FORWARD_SHARE;
  return training.epochs * perEpoch + validationCases * ITERATIONS_PER_PREDICTED_CASE;
}

/** Scores of every configuration, and of every pair by every voting. */
export function ensembleWeight(configurations: number, votings: number, cases: number): number {
  const pairs = (configurations * (configurations - 1)) / 2;
  return cases * (configurations + pairs * votings);
}

/**
 * The work that `unfold` does not show before the plan is made: as if every wanted configuration (two, when the Task
 * leaves it to the plans) were planned, and without what depends on the number of cases.
 */
export function unplannedWeight(spec: TaskSpec): number {
  const configurations = spec.configurations?.length ?? 2;
  return configurations * spec.folds * trainWeight(spec.training, 0) + PUBLISH_WEIGHT;
}
