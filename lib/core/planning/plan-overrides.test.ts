import { describe, expect, it } from 'vitest';
import { type PlanningContext, planConfiguration } from './plan-configuration.ts';
import { InvalidPlanOverrideError, overriddenPlan } from './plan-overrides.ts';
import { PLANNERS } from './planners.ts';

const planner = PLANNERS.default;
const context: PlanningContext = {
  planner,
  labelEntries: 3,
  allowedEstimates: planner.referenceEstimate,
  normalizationSchemes: ['ZScoreNormalization'],
  useMaskForNorm: [false],
};
const planOf = (spacing: readonly number[], medianImageSize: readonly number[]) =>
  planConfiguration(context, '3d_fullres', { spacing, medianImageSize, datasetVoxels: 1e9 }, false);
const plan = planOf([1, 1, 1], [36, 50, 35]); // 40 x 56 x 40 in 4 stages

describe('overriddenPlan', () => {
  it('changes nothing without an override', () => {
    expect(overriddenPlan(plan, planner, {})).toEqual(plan);
  });

  it('replaces the batch size alone', () => {
    expect(overriddenPlan(plan, planner, { batchSize: 3 })).toEqual({ ...plan, batchSize: 3 });
  });

  it('derives strides and kernels for another patch, and rounds it up', () => {
    const { patchSize, architecture, batchSize } = overriddenPlan(plan, planner, { patchSize: [60, 90, 60] });
    expect(patchSize).toEqual([64, 96, 64]);
    expect(architecture.strides).toHaveLength(5);
    expect(architecture.featuresPerStage).toEqual([32, 64, 128, 256, 320]);
    expect(batchSize).toBe(plan.batchSize);
  });

  it('takes other features', () => {
    const { patchSize, architecture } = overriddenPlan(plan, planner, { featuresPerStage: [8, 16, 32, 64] });
    expect(architecture).toEqual({ ...plan.architecture, featuresPerStage: [8, 16, 32, 64] });
    expect(patchSize).toEqual(plan.patchSize);
  });

  it('drops stages without features; the patch must divide by those left only', () => {
    const override = { featuresPerStage: [8, 16, 32], patchSize: [34, 50, 36] };
    const { patchSize, architecture } = overriddenPlan(plan, planner, override);
    expect(patchSize).toEqual([36, 52, 36]); // multiples of 4
    expect(architecture).toMatchObject({
      featuresPerStage: [8, 16, 32],
      strides: [
        [1, 1, 1],
        [2, 2, 2],
        [2, 2, 2],
      ],
      encoderBlocksPerStage: [2, 2, 2],
      decoderConvolutionsPerStage: [2, 2],
    });
  });

  it('leaves out features without a stage', () => {
    const { architecture } = overriddenPlan(plan, planner, { featuresPerStage: [8, 16, 32, 64, 128, 256] });
    expect(architecture.featuresPerStage).toEqual([8, 16, 32, 64]);
  });

  it.each([
    { name: 'a patch of too few axes', override: { patchSize: [40, 56] }, want: 'patchSize must have 3 axes, got 2' },
    {
      name: 'a patch too small to pool',
      override: { patchSize: [7, 7, 7] },
      want: 'patchSize 7 x 7 x 7 with any number',
    },
    {
      name: 'features for one stage',
      override: { featuresPerStage: [8] },
      want: 'with 1 features gives a single stage',
    },
  ])('refuses $name', ({ override, want }) => {
    expect(() => overriddenPlan(plan, planner, override)).toThrow(InvalidPlanOverrideError);
    expect(() => overriddenPlan(plan, planner, override)).toThrow(want);
  });
});
