import { describe, expect, it } from 'vitest';
import { affine2d, affine3d } from './rotation.ts';
import { transformPatch, warpImage, warpLabels } from './spatial.ts';

const ramp = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i);
const about = (shape: readonly number[], matrix: readonly number[]) => ({
  matrix,
  centre: shape.map((n) => (n - 1) / 2),
});
const close = (actual: Float32Array, expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, value] of actual.entries()) expect(value, `voxel ${i}`).toBeCloseTo(expected[i] ?? Number.NaN, 5);
};

describe('warpImage', () => {
  it('turns by a right angle', () => {
    const shape = [3, 3];
    const turned = warpImage(ramp(9), 1, shape, shape, about(shape, affine2d(Math.PI / 2, 1)));
    close(turned, [6, 3, 0, 7, 4, 1, 8, 5, 2]);
  });

  it('reads twice the extent at scale 2, with 0 outside', () => {
    const shape = [4, 4];
    const scaled = warpImage(ramp(16), 1, shape, shape, about(shape, affine2d(0, 2)));
    close(scaled, [0, 0, 0, 0, 0, 2.5, 4.5, 0, 0, 10.5, 12.5, 0, 0, 0, 0, 0]);
  });

  it('turns about three axes and keeps the centre', () => {
    const shape = [3, 3, 3];
    const degrees = Math.PI / 180;
    const matrix = affine3d([10 * degrees, 20 * degrees, 30 * degrees], 0.9);
    const turned = warpImage(ramp(27), 1, shape, shape, about(shape, matrix));
    close(turned.slice(0, 6), [2.485445, 5.590233, 8.821546, 1.999981, 5.447472, 7.952334]);
    expect(turned[13]).toBeCloseTo(13, 5);
  });

  it('treats every channel alike', () => {
    const shape = [2, 2];
    const both = warpImage(
      Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40),
      2,
      shape,
      shape,
      about(shape, affine2d(0, 0.5)),
    );
    for (let i = 0; i < 4; i++) expect(both[i + 4]).toBeCloseTo(10 * (both[i] ?? 0), 5);
  });
});

describe('warpLabels', () => {
  it('gives each voxel the label with the largest share, outside being -1', () => {
    const shape = [4, 4];
    const label = Int16Array.of(0, 0, 1, 1, 0, 2, 2, 1, 0, 2, 2, 1, 0, 0, 0, 1);
    const turned = warpLabels(label, 1, shape, shape, about(shape, affine2d(Math.PI / 6, 1.2)));
    expect([...turned]).toEqual([-1, 0, 0, -1, 0, 2, 2, 1, 0, 2, 2, 1, -1, 0, 1, -1]);
  });

  it('breaks a tie by the nearest voxel, which rounds halves to even', () => {
    // One voxel read half-way between two: between 0 and 1 the nearest is 0, between 1 and 2 it is 2.
    const at = (position: number): number | undefined =>
      warpLabels(Int16Array.of(7, 5, 3), 1, [1, 3], [1, 1], { matrix: [1, 0, 0, 1], centre: [0, position] })[0];
    expect(at(0.5)).toBe(7);
    expect(at(1.5)).toBe(3);
  });

  it('breaks a tie by the lowest label when the nearest voxel is not among the tied', () => {
    // At (0.4, 0.4, 0.4) the voxels weigh 0.216; 0.144 (1, 2, 4); 0.096 (3, 5, 6); 0.064. The nearest has label 4 and
    // 0.216; labels 9 and 5 have 0.144 + 0.096 each.
    const label = Int16Array.of(4, 9, 5, 9, 1, 5, 2, 3);
    const affine = { matrix: affine3d([0, 0, 0], 1), centre: [0.4, 0.4, 0.4] };
    expect(warpLabels(label, 1, [2, 2, 2], [1, 1, 1], affine)[0]).toBe(5);
  });
});

describe('transformPatch', () => {
  it('gives every slice the same transform in dummy 2D', () => {
    const slice = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    const patch = {
      channels: 1,
      shape: [2, 3, 3],
      image: Float32Array.from([...slice, ...slice]),
      label: Int16Array.from([...slice, ...slice]),
      previousStage: null,
    };
    const turned = transformPatch(patch, { matrix: affine2d(Math.PI / 2, 1), dummy2d: true, elastic: null }, [2, 3, 3]);
    const want = [7, 4, 1, 8, 5, 2, 9, 6, 3];
    close(turned.image, [...want, ...want]);
    expect([...turned.label]).toEqual([...want, ...want]);
  });
});
