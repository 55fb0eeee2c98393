import { describe, expect, test } from 'vitest';
import type { Plans } from '#core/planning/plans.ts';
import { wantedPlans } from './plan-step.ts';

const planned = (...names: string[]) =>
  ({ planner: 'ExperimentPlanner', configurations: names.map((name) => ({ name })) }) as unknown as Plans;

const namesOf = (plans: Plans) => plans.configurations.map(({ name }) => name);

describe('wantedPlans', () => {
  test('keeps what the Task asks for, in the order of the plans', () => {
    expect(namesOf(wantedPlans(planned('2d', '3d_lowres', '3d_fullres'), ['3d_fullres', '2d']))).toEqual([
      '2d',
      '3d_fullres',
    ]);
  });

  test('without a wish keeps all that is planned', () => {
    expect(namesOf(wantedPlans(planned('2d', '3d_fullres'), null))).toEqual(['2d', '3d_fullres']);
  });

  test('refuses a configuration that the data set gives no plan for', () => {
    const ask = () => wantedPlans(planned('2d'), ['2d', '3d_fullres']);
    expect(ask).toThrow('spec.configurations asks for 3d_fullres, but the plans of this data set contain 2d only');
    expect(ask).toThrow(expect.objectContaining({ code: 'CONFIGURATION_NOT_PLANNED' }));
  });
});
