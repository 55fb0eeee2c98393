import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { squaredDistances } from './distance-transform.ts';

/** By definition: every voxel against every marked one. */
function bruteForce(marked: readonly number[], shape: readonly number[], spacing: readonly number[]): number[] {
  const positionOf = (voxel: number): number[] => {
    let rest = voxel;
    return shape.toReversed().map((extent, i) => {
      const at = rest % extent;
      rest = Math.floor(rest / extent);
      return at * (spacing.toReversed()[i] ?? 1);
    });
  };
  const places = marked.flatMap((value, voxel) => (value ? [positionOf(voxel)] : []));
  return marked.map((_, voxel) => {
    const here = positionOf(voxel);
    const squares = places.map((place) => place.reduce((sum, mm, axis) => sum + (mm - (here[axis] ?? 0)) ** 2, 0));
    return Math.min(Number.POSITIVE_INFINITY, ...squares);
  });
}

describe('squaredDistances', () => {
  it('counts the voxels to the nearest marked one, times the spacing, squared', () => {
    expect([...squaredDistances([0, 0, 1, 0, 0, 0, 1], [7], [2])]).toEqual([16, 4, 0, 4, 16, 4, 0]);
  });

  it('goes the shorter way through an axis with a small spacing', () => {
    // One marked voxel in the middle of 3 x 3, rows 3 mm apart, columns 1 mm.
    const around = squaredDistances([0, 0, 0, 0, 1, 0, 0, 0, 0], [3, 3], [3, 1]);
    expect([...around]).toEqual([10, 9, 10, 1, 0, 1, 10, 9, 10]);
  });

  it('is infinite everywhere where nothing is marked', () => {
    expect([...squaredDistances([0, 0, 0, 0], [2, 2], [1, 1])]).toEqual(Array(4).fill(Number.POSITIVE_INFINITY));
  });

  it('agrees with comparing all pairs of voxels', () => {
    const extent = fc.integer({ min: 1, max: 5 });
    const mm = fc.constantFrom(0.25, 0.7, 1, 2.5, 6);
    const grid = fc.tuple(fc.tuple(extent, extent, extent), fc.tuple(mm, mm, mm), fc.infiniteStream(fc.nat(5)));
    fc.assert(
      fc.property(grid, ([shape, spacing, stream]) => {
        const marked = [...stream.take(shape[0] * shape[1] * shape[2])].map((n) => (n === 0 ? 1 : 0));
        const got = squaredDistances(marked, shape, spacing);
        for (const [voxel, want] of bruteForce(marked, shape, spacing).entries())
          if (Number.isFinite(want)) expect(got[voxel]).toBeCloseTo(want, 9);
          else expect(got[voxel]).toBe(want);
      }),
    );
  });

  it('refuses a mask that does not fill its shape', () => {
    expect(() => squaredDistances([1], [2], [1])).toThrow('shape 2 has 2 voxels, got 1');
  });
});
