import { describe, expect, it } from 'vitest';
import { patchGeometry } from './patch-geometry.ts';

describe('patchGeometry', () => {
  it.each([
    { name: 'a square 2D patch turns freely', patch: [512, 512], degrees: 180, want: [602, 602] },
    { name: 'a 2D patch just within the ratio turns freely', patch: [48, 32], degrees: 180, want: [56, 56] },
    { name: 'a long 2D patch turns by 15°', patch: [512, 256], degrees: 15, want: [659, 301] },
    { name: 'a 3D patch turns by 30° about each axis', patch: [128, 128, 128], degrees: 30, want: [205, 205, 205] },
    { name: 'a patch with three different extents', patch: [80, 192, 160], degrees: 30, want: [194, 289, 210] },
    { name: 'a thin 3D patch turns in plane only', patch: [20, 320, 256], degrees: 180, want: [20, 376, 376] },
  ])('$name: $patch is read as $want', ({ patch, degrees, want }) => {
    const settings = patchGeometry(patch);
    expect(settings.initialPatchSize).toEqual(want);
    expect((settings.rotationLimit * 180) / Math.PI).toBeCloseTo(degrees, 9);
  });

  it('takes a patch for thin only above three times its first extent', () => {
    expect(patchGeometry([16, 48, 48]).dummy2d).toBe(false);
    expect(patchGeometry([16, 49, 48]).dummy2d).toBe(true);
  });

  it('mirrors every axis, also of a thin patch', () => {
    expect(patchGeometry([40, 40]).mirrorAxes).toEqual([0, 1]);
    expect(patchGeometry([20, 320, 256]).mirrorAxes).toEqual([0, 1, 2]);
  });
});
