import { expect, it } from 'vitest';
import { separateAxis } from './separate-axis.ts';

it.each([
  { name: 'an anisotropic current spacing names its axis', now: [1, 5, 1], to: [1, 1, 1], force: null, want: 1 },
  { name: 'exactly three times is not anisotropic', now: [3, 1, 1], to: [1, 1, 1], force: null, want: null },
  {
    name: 'an anisotropic new spacing does if the current one is not',
    now: [1, 1, 1],
    to: [1, 1, 4],
    force: null,
    want: 2,
  },
  { name: 'the current spacing comes first', now: [5, 1, 1], to: [1, 1, 5], force: null, want: 0 },
  {
    name: 'two axes that share the largest spacing are none',
    now: [0.2, 1.25, 1.25],
    to: [1, 1, 1],
    force: null,
    want: null,
  },
  { name: 'force true takes the largest however small', now: [1.1, 1, 1], to: [1, 1, 1], force: true, want: 0 },
  { name: 'force true needs one largest axis', now: [1, 1, 1], to: [4, 1, 1], force: true, want: null },
  { name: 'force false is never', now: [9, 1, 1], to: [1, 1, 1], force: false, want: null },
])('$name', ({ now, to, force, want }) => {
  expect(separateAxis(now, to, force)).toBe(want);
});
