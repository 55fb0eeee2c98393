// Golden values: nnU-Net v2 2.8.1, nnUNetDataLoader.get_bbox and
// configure_rotation_dummyDA_mirroring_and_inital_patch_size. All exact.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { patchGeometry } from '#core/augmentation/patch-geometry.ts';
import { forcedStart, startRange } from '#core/training/patch-sampling.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

interface BoundingBoxCase {
  shape: number[];
  initial_patch: number[];
  final_patch: number[];
  random: { start_range_inclusive: [number, number][] };
  forced?: { voxel: number[]; start: number[] }[];
}

interface InitialPatchSize {
  patch_size: number[];
  rotation_limit_deg: number;
  dummy_2d: boolean;
  initial_patch_size: number[];
  mirror_axes: number[];
}

const read = <T>(path: string): T => JSON.parse(readFileSync(sharedPath(path), 'utf8')) as T;

describeWithShared('patch sampling beside nnU-Net', 'golden/training/patch_bbox.json', () => {
  it('starts patches where nnU-Net does', () => {
    const cases = read<BoundingBoxCase[]>('golden/training/patch_bbox.json');
    expect(cases.length).toBeGreaterThan(3);
    for (const { shape, initial_patch: initial, final_patch: final, random, forced = [] } of cases) {
      const ranges = shape.map((extent, axis) => startRange(extent, initial[axis] ?? 0, final[axis] ?? 0));
      expect(ranges, `case ${shape}, patch ${initial}`).toEqual(random.start_range_inclusive);
      for (const { voxel, start } of forced)
        expect(voxel.map((v, axis) => forcedStart(ranges[axis]?.[0] ?? 0, v, initial[axis] ?? 0))).toEqual(start);
    }
  });

  it('derives rotation, mirroring and the initial patch from the patch size', () => {
    for (const want of read<InitialPatchSize[]>('golden/augmentation/initial_patch_sizes.json')) {
      const settings = patchGeometry(want.patch_size);
      expect(settings.initialPatchSize, `patch ${want.patch_size}`).toEqual(want.initial_patch_size);
      expect(settings.dummy2d).toBe(want.dummy_2d);
      expect(settings.mirrorAxes).toEqual(want.mirror_axes);
      expect((settings.rotationLimit / (2 * Math.PI)) * 360).toBeCloseTo(want.rotation_limit_deg, 12);
    }
  });
});
