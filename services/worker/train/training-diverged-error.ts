import { BadInputError } from '#core/errors.ts';

/** Thrown when too many steps in a row had a loss or gradient that is not finite. Another attempt would do the same. */
export class TrainingDivergedError extends BadInputError {
  readonly code = 'TRAINING_DIVERGED';

  constructor(epoch: number, iteration: number, stepsInARow: number, options?: ErrorOptions) {
    super(
      `training diverged: ${stepsInARow} steps in a row up to epoch ${epoch}, iteration ${iteration} had a loss or ` +
        'gradient that is not finite; lower training.initialLearningRate',
      options,
    );
  }
}
