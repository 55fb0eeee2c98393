import { describe, expect, it } from 'vitest';
import { sliceOrientation } from './slice-orientation.ts';

describe('sliceOrientation', () => {
  it.each([
    {
      name: 'a grid along the world axes',
      matrix: [1, 0, 0, 9, 0, 1, 0, 9, 0, 0, 1, 9],
      want: { plane: 'axial', left: 'L', right: 'R', bottom: 'P', top: 'A' },
    },
    {
      name: 'a grid as DICOM has it: to the left, to the back',
      matrix: [-0.5, 0, 0, 0, 0, -0.5, 0, 0, 0, 0, 5, 0],
      want: { plane: 'axial', left: 'R', right: 'L', bottom: 'A', top: 'P' },
    },
    {
      name: 'sagittal slices, of which i goes to the back and j up',
      matrix: [0, 0, 3, 0, -1, 0, 0, 0, 0, 1, 0, 0],
      want: { plane: 'sagittal', left: 'A', right: 'P', bottom: 'I', top: 'S' },
    },
    {
      name: 'coronal slices',
      matrix: [1, 0, 0, 0, 0, 0, 2, 0, 0, 1, 0, 0],
      want: { plane: 'coronal', left: 'L', right: 'R', bottom: 'I', top: 'S' },
    },
    {
      name: 'axial slices tilted by 30 degrees about x, with thick slices',
      matrix: [1, 0, 0, 0, 0, 0.866, -2.5, 0, 0, 0.5, 4.33, 0],
      want: { plane: 'axial', left: 'L', right: 'R', bottom: 'P', top: 'A' },
    },
    {
      name: 'a tilt by a little more than 45 degrees, where both axes are nearest to one',
      matrix: [1, 0, 0, 0, 0, 0.7, -0.72, 0, 0, 0.71, 0.69, 0],
      want: { plane: 'coronal', left: 'L', right: 'R', bottom: 'I', top: 'S' },
    },
  ])('tells $name', ({ matrix, want }) => {
    expect(sliceOrientation(matrix)).toEqual(want);
  });
});
