import type { TrainingCase } from '#compute/engine.ts';
import { augmentationSettings } from '#core/augmentation/settings.ts';
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
    {
      configuration,
      options,
      labels,
      previousStage,
    }: Pick<Fold, 'configuration' | 'options' | 'labels' | 'previousStage'>,
    training: readonly UnpackedCase[],
    validation: readonly UnpackedCase[],
  ) {
    const draws = {
      oversampleForeground: options.oversampleForeground,
      settings: augmentationSettings(options.augmentation),
      previousStageLabels: previousStage === null ? 0 : labels.foreground.length,
    };
    const source = (cases: readonly UnpackedCase[]) =>
      patchSource(
        cases.map(({ training: { shape }, classLocations }) => ({ shape, classLocations })),
        configuration,
        draws,
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
