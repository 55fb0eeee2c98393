import { expect, it } from 'vitest';
import { confusionCounts } from './confusion-counts.ts';

it('counts over the whole batch, a tie going to the first head', () => {
  // (2 samples, 3 heads, 2 voxels); predicted 1, 0 and 2, 0.
  const logits = { shape: [2, 3, 2], data: Float32Array.of(0, 1, 2, 1, 1, 1, 0, 5, 0, 0, 1, 0) };
  const target = { shape: [2, 2], data: Int16Array.of(1, 2, 2, 0) };
  expect(confusionCounts(logits, target, { regions: null, ignore: null })).toEqual({
    truePositives: [1, 1, 1],
    falsePositives: [1, 0, 0],
    falseNegatives: [0, 0, 1],
  });
});

it('counts each region by itself, and no voxel to ignore', () => {
  // (1 sample, 2 heads, 4 voxels)
  const logits = { shape: [1, 2, 4], data: Float32Array.of(1, 1, -1, 5, -1, 2, -3, 5) };
  const target = { shape: [1, 4], data: Int16Array.of(1, 2, 2, 3) };
  expect(confusionCounts(logits, target, { regions: [[1, 2], [2]], ignore: 3 })).toEqual({
    truePositives: [2, 1],
    falsePositives: [0, 0],
    falseNegatives: [1, 1],
  });
});
