import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affine2d, affine3d } from './rotation.ts';

const apply = (matrix: readonly number[], [a, b, c]: readonly [number, number, number]): number[] =>
  [0, 3, 6].map((row) => (matrix[row] ?? 0) * a + (matrix[row + 1] ?? 0) * b + (matrix[row + 2] ?? 0) * c);

const right = Math.PI / 2;

describe('affine3d', () => {
  it.each([
    { name: 'about axis 0 carries axis 1 to axis 2', angles: [right, 0, 0], from: [0, 1, 0], want: [0, 0, 1] },
    { name: 'about axis 1 carries axis 2 to axis 0', angles: [0, right, 0], from: [0, 0, 1], want: [1, 0, 0] },
    { name: 'about axis 2 carries axis 0 to axis 1', angles: [0, 0, right], from: [1, 0, 0], want: [0, 1, 0] },
    { name: 'about axis 0 before axis 1', angles: [right, right, 0], from: [0, 1, 0], want: [1, 0, 0] },
  ] as const)('a right-angle turn $name', ({ angles, from, want }) => {
    const got = apply(affine3d(angles, 1), from);
    for (const [axis, x] of got.entries()) expect(x).toBeCloseTo(want[axis] ?? Number.NaN, 12);
  });

  it('keeps lengths up to the scale', () => {
    const angle = fc.double({ min: -3.2, max: 3.2, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(angle, angle, angle), fc.double({ min: 0.7, max: 1.4, noNaN: true }), (angles, scale) => {
        expect(Math.hypot(...apply(affine3d(angles, scale), [1, -2, 2]))).toBeCloseTo(3 * scale, 9);
      }),
    );
  });
});

describe('affine2d', () => {
  it('turns axis 0 towards axis 1 and scales', () => {
    for (const [i, x] of affine2d(right, 2).entries()) expect(x).toBeCloseTo([0, -2, 2, 0][i] ?? Number.NaN, 12);
  });
});
