import { expect, test } from 'vitest';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { plannedConfigurations } from './plan-step.ts';

test('a cascade trains on the arrays of the configuration whose data it shares', () => {
  const configurations = [
    { name: '3d_lowres', dataIdentifier: 'nnUNetPlans_3d_lowres', previousStage: null },
    { name: '3d_fullres', dataIdentifier: 'nnUNetPlans_3d_fullres', previousStage: null },
    { name: '3d_cascade_fullres', dataIdentifier: 'nnUNetPlans_3d_fullres', previousStage: '3d_lowres' },
  ] as ConfigurationPlan[];
  expect(plannedConfigurations({ configurations })).toEqual([
    { name: '3d_lowres', arraysOf: '3d_lowres', previousStage: null },
    { name: '3d_fullres', arraysOf: '3d_fullres', previousStage: null },
    { name: '3d_cascade_fullres', arraysOf: '3d_fullres', previousStage: '3d_lowres' },
  ]);
});
