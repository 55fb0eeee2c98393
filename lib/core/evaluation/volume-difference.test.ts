import { expect, it } from 'vitest';
import { volumeDifference } from './volume-difference.ts';

it.each([
  { name: 'too large by a fifth', predicted: 600, reference: 500, want: { millilitres: 0.25, relative: 0.2 } },
  { name: 'too small by half', predicted: 250, reference: 500, want: { millilitres: -0.625, relative: -0.5 } },
  { name: 'invented', predicted: 400, reference: 0, want: { millilitres: 1, relative: Number.NaN } },
])('an object that is $name', ({ predicted, reference, want }) => {
  expect(volumeDifference({ predicted, reference }, [2.5, 1, 1])).toEqual(want);
});
