import type { TrainingCase } from '#compute/engine.ts';
import type { BatchPlan } from '#core/training/batch-plan.ts';
import {
  type BatchPlace,
  drawTrainingBatch,
  drawValidationBatch,
  type PatchSource,
  patchSource,
} from '#core/training/draw-batch-plan.ts';
import type { UnpackedCase } from './case-cache.ts';
import type { Fold } from './fold.ts';

/** Draws a fold's batches. An engine opens training and validation cases as one list: the training cases come first. */
export class FoldBatches {
  readonly cases: readonly TrainingCase[];
  readonly #training: PatchSource;
  readonly #validation: PatchSource;

  constructor(
    { configuration, options }: Pick<Fold, 'configuration' | 'options'>,
    training: readonly UnpackedCase[],
    validation: readonly UnpackedCase[],
  ) {
    const source = (cases: readonly UnpackedCase[]) =>
      patchSource(
        cases.map(({ training: { shape }, classLocations }) => ({ shape, classLocations })),
        configuration,
        options.oversampleForeground,
      );
    this.cases = [...training, ...validation].map((unpacked) => unpacked.training);
    this.#training = source(training);
    this.#validation = source(validation);
  }

  training(place: BatchPlace): BatchPlan {
    return drawTrainingBatch(this.#training, place);
  }

  validation(place: BatchPlace): BatchPlan {
    const batch = drawValidationBatch(this.#validation, place);
    const first = this.#training.cases.length;
    return { ...batch, samples: batch.samples.map((sample) => ({ ...sample, caseIndex: first + sample.caseIndex })) };
  }
}
