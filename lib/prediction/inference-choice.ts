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

/**
 * How to predict: what the model says, but for what is asked for differently. A fold named twice counts once.
 *
 * @throws {FoldNotFoundError} naming the folds there are.
 * @throws {RangeError} for an empty list of folds.
 */
export function chooseInference(inference: Inference, wish: InferenceWish): Inference {
  const folds = [...new Set(wish.folds ?? inference.folds)];
  if (folds.length === 0) throw new RangeError('no fold was chosen; name at least one');
  const unknown = folds.filter((fold) => !inference.folds.includes(fold));
  if (unknown.length > 0) throw new FoldNotFoundError(unknown, inference.folds);
  return {
    ...inference,
    folds,
    stepFraction: wish.stepFraction ?? inference.stepFraction,
    mirroring: wish.mirroring ?? inference.mirroring,
  };
}
