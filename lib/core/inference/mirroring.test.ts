import { expect, it } from 'vitest';
import { mirrorSubsets } from './mirroring.ts';

it.each([
  { axes: [], want: [[]] },
  { axes: [0, 1], want: [[], [0], [1], [0, 1]] },
  { axes: [0, 1, 2], want: [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]] },
])('the sets of $axes start with none and end with all', ({ axes, want }) => {
  expect(mirrorSubsets(axes)).toEqual(want);
});
