import { describe, expect, it, test } from 'vitest';
import { arraysOf, withPreviousStages } from './stages.ts';

const plans = [
  { name: '2d', previousStage: null },
  { name: '3d_lowres', previousStage: null },
  { name: '3d_cascade_fullres', previousStage: '3d_lowres' },
];

test('a cascade trains on the arrays of the configuration whose data it shares', () => {
  const configurations = [
    { name: '3d_fullres', dataIdentifier: 'nnUNetPlans_3d_fullres' },
    { name: '3d_cascade_fullres', dataIdentifier: 'nnUNetPlans_3d_fullres' },
  ];
  expect(configurations.map((plan) => arraysOf(plan, configurations))).toEqual(['3d_fullres', '3d_fullres']);
});

describe('withPreviousStages', () => {
  it.each([
    { names: ['2d'], want: ['2d'] },
    { names: ['3d_cascade_fullres'], want: ['3d_lowres', '3d_cascade_fullres'] },
    { names: ['3d_lowres', '3d_cascade_fullres'], want: ['3d_lowres', '3d_cascade_fullres'] },
    { names: ['2d', '3d_cascade_fullres'], want: ['2d', '3d_lowres', '3d_cascade_fullres'] },
  ])('$names needs $want', ({ names, want }) => {
    expect(withPreviousStages(names, plans)).toEqual(want);
  });

  it('refuses what is not planned, and stages that build on each other', () => {
    expect(() => withPreviousStages(['3d_fullres'], plans)).toThrow('the plans have no configuration 3d_fullres');
    const ring = [
      { name: 'a', previousStage: 'b' },
      { name: 'b', previousStage: 'a' },
    ];
    expect(() => withPreviousStages(['a'], ring)).toThrow('configurations build on each other: a → b → a');
  });
});
