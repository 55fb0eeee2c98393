import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { inversePermutation, targetSpacing, transposeForward } from './target-spacing.ts';

const aFingerprint = (spacings: [number, number, number][], shapes: [number, number, number][]) => ({
  spacings: spacings.map((spacing) => spacingZyx(...spacing)),
  shapesAfterCrop: shapes.map((shape) => shapeZyx(...shape)),
  foregroundIntensities: [],
  medianRelativeSizeAfterCropping: 1,
});

describe('targetSpacing', () => {
  it('is the median per axis', () => {
    const fingerprint = aFingerprint(
      [
        [1, 1, 1],
        [3, 2, 1],
        [2, 3, 1],
      ],
      [
        [50, 50, 50],
        [50, 50, 50],
        [50, 50, 50],
      ],
    );
    expect(targetSpacing(fingerprint)).toEqual([2, 2, 1]);
  });

  it('keeps more slices of an anisotropic data set: the 10th percentile of the coarsest axis', () => {
    const fingerprint = aFingerprint(
      [
        [0.8, 0.8, 5],
        [0.7, 0.7, 5],
        [0.9, 0.9, 7.5],
        [0.8, 0.8, 3],
        [0.75, 0.75, 5],
        [0.82, 0.82, 6],
      ],
      [
        [400, 420, 30],
        [512, 512, 28],
        [380, 360, 22],
        [512, 512, 64],
        [480, 500, 33],
        [512, 480, 27],
      ],
    );
    expect(targetSpacing(fingerprint)).toEqual([0.8, 0.8, 4]);
  });

  it('never makes the coarsest axis finer than the others', () => {
    const spacings: [number, number, number][] = [
      [0.5, 1, 1],
      [0.5, 1, 1],
      [5, 1, 1],
      [5, 1, 1],
      [5, 1, 1],
    ];
    expect(targetSpacing(aFingerprint(spacings, [[30, 300, 300]]))).toEqual([1 + 1e-5, 1, 1]);
  });

  it.each([
    { name: 'spacing exactly three times the others', spacing: 3, slices: 30 },
    { name: 'as many slices as a third of the others', spacing: 5, slices: 100 },
  ])('takes the median where the data set is not quite anisotropic: $name', ({ spacing, slices }) => {
    const spacings: [number, number, number][] = [
      [1, 1, 1],
      [spacing, 1, 1],
      [spacing, 1, 1],
    ];
    expect(targetSpacing(aFingerprint(spacings, [[slices, 300, 300]]))).toEqual([spacing, 1, 1]);
  });
});

describe('transposeForward', () => {
  it.each([
    { spacing: [1, 1, 1], want: [0, 1, 2] },
    { spacing: [1, 2, 1], want: [1, 0, 2] },
    { spacing: [0.8, 0.8, 4], want: [2, 0, 1] },
    { spacing: [1, 4, 4], want: [1, 0, 2] },
  ] as { spacing: [number, number, number]; want: number[] }[])(
    'puts the coarsest axis of $spacing first, the others as they were',
    ({ spacing, want }) => {
      const forward = transposeForward(spacingZyx(...spacing));
      expect([...forward]).toEqual(want);
      expect(inversePermutation(forward).map((axis) => forward[axis])).toEqual([0, 1, 2]);
    },
  );
});
