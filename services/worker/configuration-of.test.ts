import { expect, test } from 'vitest';
import { configurationOf } from './configuration-of.ts';

test('a configuration that the plans lack is named, with those they have', () => {
  const plans = { configurations: [{ name: '2d' }, { name: '3d_fullres' }] };
  expect(configurationOf(plans, '2d')).toEqual({ name: '2d' });
  expect(() => configurationOf(plans, '3d_lowres')).toThrow('plans.json has 2d, 3d_fullres, not 3d_lowres');
});
