import type { AugmentationPlan, BatchPlan, SamplePlan } from '#core/training/batch-plan.ts';

/** An augmentation that does nothing but what a test names. */
export function anAugmentation(change: Partial<AugmentationPlan> = {}): AugmentationPlan {
  return {
    spatial: null,
    noise: null,
    blur: null,
    brightness: null,
    contrast: null,
    lowResolution: null,
    gammaInverted: null,
    gamma: null,
    mirrorAxes: [],
    maskedChannels: [],
    previousStage: null,
    ...change,
  };
}

/** The patch at the first corner of the first case, not augmented. */
export function aSample(change: Partial<SamplePlan> = {}): SamplePlan {
  return { caseIndex: 0, corner: [0, 0, 0], augmentation: null, ...change };
}

/** One sample of `patchSize`, read without a margin. */
export function aBatchPlan(patchSize: readonly number[], change: Partial<BatchPlan> = {}): BatchPlan {
  return { patchSize, initialPatchSize: patchSize, samples: [aSample()], ...change };
}
