import { BadInputError } from '#core/errors.ts';
import type { FoldName } from '#core/training/folds.ts';
import type { Inference } from './inference-json.ts';

/** What may be asked for differently than the model says. `null`: as the model says. */
export interface InferenceWish {
  /** Some of the model's folds, at least one. */
  readonly folds: readonly FoldName[] | null;
  readonly stepFraction: number | null;
  readonly mirroring: boolean | null;
}

/** Thrown when a fold is asked for that the model does not have. */
export class FoldNotFoundError extends BadInputError {
  readonly code = 'FOLD_NOT_FOUND';

  constructor(unknown: readonly FoldName[], available: readonly FoldName[]) {
    super(`the model has no fold ${unknown.join(', ')}; it has the folds ${available.join(', ')}`);
  }
}

/** Thrown when tiles would be moved by less than a voxel. */
export class StepTooSmallError extends BadInputError {
  readonly code = 'STEP_TOO_SMALL';

  constructor(stepFraction: number, tile: number) {
    super(
      `a tile step of ${stepFraction} is less than one of the ${tile} voxels of a tile; ` +
        `take at least ${(Math.ceil(1000 / tile) / 1000).toFixed(3)}, nnU-Net's is 0.5`,
    );
  }
}

/**
 * How to predict: what the model says, but for what is asked for differently. A fold named twice counts once.
 *
 * @param tile the shortest extent of the tiles that will be moved, in voxels.
 * @throws {StepTooSmallError} when the step is less than a voxel.
 * @throws {FoldNotFoundError} naming the folds there are.
 * @throws {RangeError} for an empty list of folds.
 */
export function chooseInference(inference: Inference, wish: InferenceWish, tile: number): Inference {
  const folds = [...new Set(wish.folds ?? inference.folds)];
  if (folds.length === 0) throw new RangeError('no fold was chosen; name at least one');
  const unknown = folds.filter((fold) => !inference.folds.includes(fold));
  if (unknown.length > 0) throw new FoldNotFoundError(unknown, inference.folds);
  const stepFraction = wish.stepFraction ?? inference.stepFraction;
  if (tile * stepFraction < 1) throw new StepTooSmallError(stepFraction, tile);
  return {
    ...inference,
    folds,
    stepFraction,
    mirroring: wish.mirroring ?? inference.mirroring,
  };
}
