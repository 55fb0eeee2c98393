import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SurfaceComparison, surfaceMetrics } from './surface-distance.ts';

/** Two rows of one slice: all voxels are surface, since the slice has no depth. */
const inRow = (prediction: number[], reference: number[], more: Partial<SurfaceComparison> = {}) =>
  surfaceMetrics(
    {
      prediction,
      reference,
      shape: [1, 1, prediction.length],
      spacing: [1, 1, 2],
      toleranceMm: 2,
      ignoreLabel: null,
      ...more,
    },
    1,
  );

describe('surfaceMetrics', () => {
  it('is 0 mm and 1 for equal objects', () => {
    expect(inRow([0, 1, 1, 0], [0, 1, 1, 0])).toEqual({ hd95: 0, surfaceDice: 1 });
  });

  it('measures in mm, and takes the larger of the two directions', () => {
    // From the prediction 0 mm; from the reference 0, 2, 4 and 6 mm, the 95th percentile at 0.95 * 3 = 2.85: 5.7 mm.
    const { hd95, surfaceDice } = inRow([1, 0, 0, 0, 0], [1, 1, 1, 1, 0]);
    expect(hd95).toBeCloseTo(5.7, 12);
    // Within 2 mm: the one of the prediction and two of the reference's four.
    expect(surfaceDice).toBeCloseTo(3 / 5, 12);
  });

  it.each([
    { toleranceMm: 0, want: 2 / 5 },
    { toleranceMm: 2, want: 3 / 5 },
    { toleranceMm: 4, want: 4 / 5 },
    { toleranceMm: 6, want: 1 },
  ])('counts what lies within $toleranceMm mm', ({ toleranceMm, want }) => {
    expect(inRow([1, 0, 0, 0, 0], [1, 1, 1, 1, 0], { toleranceMm }).surfaceDice).toBeCloseTo(want, 12);
  });

  it('is not a number for an object in neither map', () => {
    expect(inRow([0, 2], [0, 0])).toEqual({ hd95: Number.NaN, surfaceDice: Number.NaN });
  });

  it.each([
    { name: 'missed', prediction: [0, 0], reference: [0, 1] },
    { name: 'invented', prediction: [0, 1], reference: [0, 0] },
  ])('is infinitely far and 0 for an object that was $name', ({ prediction, reference }) => {
    expect(inRow(prediction, reference)).toEqual({ hd95: Number.POSITIVE_INFINITY, surfaceDice: 0 });
  });

  it('takes the union of a region’s labels for one object, without a surface between them', () => {
    const comparison = {
      prediction: [1, 1, 1],
      reference: [1, 2, 1],
      shape: [1, 1, 3],
      spacing: [1, 1, 1],
      toleranceMm: 0,
      ignoreLabel: null,
    } as const;
    expect(surfaceMetrics(comparison, [1, 2])).toEqual({ hd95: 0, surfaceDice: 1 });
    expect(surfaceMetrics(comparison, 1).surfaceDice).toBeLessThan(1);
  });

  it('leaves out voxels whose reference is the ignore label', () => {
    expect(inRow([1, 0, 1], [1, 0, 9], { ignoreLabel: 9 })).toEqual({ hd95: 0, surfaceDice: 1 });
  });

  it('takes only the hull of a solid object', () => {
    // A cube of 3 x 3 x 3 in 5 x 5 x 5 and the same without its middle: the cavity's walls are faces of 6 more voxels,
    // but all of those are hull already, so only the middle itself is missing and no distance is above 0.
    const inside = (i: number): boolean =>
      [i % 5, Math.floor(i / 5) % 5, Math.floor(i / 25)].every((p) => p > 0 && p < 4);
    const solid = Array.from({ length: 125 }, (_, i) => (inside(i) ? 1 : 0));
    const hollow = solid.with(62, 0);
    const comparison: SurfaceComparison = {
      prediction: hollow,
      reference: solid,
      shape: [5, 5, 5],
      spacing: [1, 1, 1],
      toleranceMm: 0,
      ignoreLabel: null,
    };
    expect(surfaceMetrics(comparison, 1)).toEqual({ hd95: 0, surfaceDice: 1 });
  });

  it('does not depend on which map is called the prediction', () => {
    const map = fc.array(fc.constantFrom(0, 1), { minLength: 27, maxLength: 27 });
    fc.assert(
      fc.property(map, map, (a, b) => {
        const grid = { shape: [3, 3, 3], spacing: [3, 1, 0.5], toleranceMm: 1, ignoreLabel: null } as const;
        expect(surfaceMetrics({ ...grid, prediction: a, reference: b }, 1)).toEqual(
          surfaceMetrics({ ...grid, prediction: b, reference: a }, 1),
        );
      }),
    );
  });

  it.each([
    { name: 'maps of different length', prediction: [1], reference: [1, 1], want: 'prediction has 1 voxels' },
    { name: 'a shape that the maps do not fill', prediction: [1], reference: [1], want: 'has 2 voxels, got 1' },
  ])('refuses $name', ({ prediction, reference, want }) => {
    expect(() => inRow(prediction, reference, { shape: [1, 1, 2] })).toThrow(want);
  });
});
