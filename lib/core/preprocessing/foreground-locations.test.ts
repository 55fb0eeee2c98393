import { expect, it } from 'vitest';
import { labelScheme } from '#core/dataset/labels.ts';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import { foregroundLocations, isEverythingJudged, locationClasses } from './foreground-locations.ts';

const spacing = spacingNet(1, 1, 1);

it('keeps every voxel of a small class, each once, as z, y, x', () => {
  const map = { shape: shapeNet(2, 2, 2), spacing, data: Int16Array.of(0, 1, 0, 2, 1, 0, -1, 1) };
  const [first, second] = foregroundLocations(map, [1, 2]);
  const voxels = Array.from({ length: 3 }, (_, i) => first?.locations.subarray(3 * i, 3 * i + 3).join());
  expect(voxels.sort()).toEqual(['0,0,1', '1,0,0', '1,1,1']);
  expect([...(second?.locations ?? [])]).toEqual([0, 1, 1]);
});

it('has an empty list for a class without voxels, which draws nothing', () => {
  const map = { shape: shapeNet(1, 2, 4), spacing, data: Int16Array.of(2, 2, 2, 2, 2, 0, 0, 0) };
  const [absent, present] = foregroundLocations(map, [1, 2]);
  expect(absent).toEqual({ label: 1, locations: new Int32Array(0) });
  expect(present).toEqual(foregroundLocations(map, [2])[0]);
});

it.each([
  { voxels: 9_999, want: 9_999 },
  { voxels: 20_000, want: 10_000 },
  { voxels: 1_000_001, want: 10_001 }, // 1 %, rounded up
])('keeps $want of $voxels voxels', ({ voxels, want }) => {
  const map = { shape: shapeNet(1, 1, voxels), spacing, data: new Int16Array(voxels).fill(1) };
  const [locations] = foregroundLocations(map, [1]);
  expect(locations?.locations).toHaveLength(3 * want);
});

it('draws from the voxels of all labels of a region', () => {
  const map = { shape: shapeNet(1, 1, 5), spacing, data: Int16Array.of(2, 1, 0, 1, -1) };
  const [region] = foregroundLocations(map, [[1, 2]]);
  const along = Array.from(region?.locations ?? []).filter((_, i) => i % 3 === 2);
  expect(along.sort()).toEqual([0, 1, 3]);
});

it('is kept of every label, and with an ignore label of all that was judged', () => {
  const background = { name: 'background', value: 0 };
  const organ = { name: 'organ', value: 1 };
  expect(locationClasses(labelScheme({ labels: [background, organ] }))).toEqual([1]);
  const withIgnore = locationClasses(labelScheme({ labels: [background, organ, { name: 'ignore', value: 2 }] }));
  expect(withIgnore).toEqual([1, [-1, 0, 1]]);
  expect(withIgnore.map(isEverythingJudged)).toEqual([false, true]);
});
