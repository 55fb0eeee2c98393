import { expect, test } from 'vitest';
import { brainCase, LABELS } from './brain-case.ts';

const HEADS = [0, 1, 2, 3];

test.each(HEADS)('head %i has every part, brighter than nothing', (index) => {
  const { image, label } = brainCase(0, index);
  expect([...new Set(label)].sort()).toEqual([0, ...LABELS.map((_, i) => i + 1)]);
  expect(label.every((value, voxel) => value === 0 || (image[voxel] ?? 0) > 0)).toBe(true);
});

test('a seed and an index always make the same head, others another', () => {
  expect(brainCase(0, 1)).toEqual(brainCase(0, 1));
  expect(brainCase(0, 1).image).not.toEqual(brainCase(1, 1).image);
});
