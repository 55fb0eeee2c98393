import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelMap } from '#core/dataset/label-map.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { type AxisPermutation, resolutionNet, shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { CropAndResampleRecord } from '#core/preprocessing/preprocessed-case.ts';
import { imageToNet } from '#core/preprocessing/transpose.ts';
import { restoreProbabilities, restoreSegmentation } from './restore-to-grid.ts';

const resampleProbabilities = { isSegmentation: false, order: 1, orderZ: 0, forceSeparateZ: null } as const;
const unit = { spacing: resolutionNet([1, 1, 1]), resampleProbabilities };
const identity: { transposeForward: AxisPermutation } = { transposeForward: [0, 1, 2] };

/** One row of two voxels in the middle of a 1 x 2 x 4 image. */
const record: CropAndResampleRecord = {
  shapeBeforeCropping: [1, 2, 4],
  cropBox: [
    [0, 1],
    [1, 2],
    [1, 3],
  ],
  shapeAfterCropping: [1, 1, 2],
  spacingBefore: [1, 1, 1],
};
const logits: Tensor = { shape: [2, 1, 1, 2], data: Float32Array.of(0, 1000, Math.log(3), 0) };

const softmax = { classOrder: null };
const DECLARED = {
  labels: [
    { name: 'background', value: 0 },
    { name: 'outer', value: [1, 2] },
    { name: 'inner', value: 2 },
  ],
  regionsClassOrder: [1, 2],
};

describe('restoreProbabilities', () => {
  it('is a softmax inside the crop box and background outside', () => {
    const probabilities = restoreProbabilities(logits, record, identity, unit, softmax);
    const background = probabilities.subarray(0, 8);
    expect([...background].map((p) => Math.round(p * 1e6) / 1e6)).toEqual([1, 1, 1, 1, 1, 0.25, 1, 1]);
    expect(probabilities[8 + 5]).toBeCloseTo(0.75, 6);
    expect(probabilities[8 + 6]).toBe(0); // logit 1000 against 0 does not overflow
  });

  it('resamples the logits, not the probabilities', () => {
    const wide: CropAndResampleRecord = {
      ...record,
      cropBox: [
        [0, 1],
        [0, 1],
        [0, 4],
      ],
      shapeAfterCropping: [1, 1, 4],
    };
    const coarse = { spacing: resolutionNet([1, 1, 2]), resampleProbabilities };
    const two: Tensor = { shape: [2, 1, 1, 2], data: Float32Array.of(0, 0, 0, 8) };
    const foreground = restoreProbabilities(two, wide, identity, coarse, softmax).subarray(8, 12);
    // Logits 0, 2, 6, 8 in between; a mean of probabilities would give 0.625 for the second.
    expect(foreground[1]).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
    expect(foreground[2]).toBeCloseTo(1 / (1 + Math.exp(-6)), 6);
  });
});

describe('regions', () => {
  // Two regions, the inner one writing 2 over the outer one's 1; two voxels.
  const regions = { classOrder: [1, 2] };
  const scores: Tensor = { shape: [2, 1, 1, 2], data: Float32Array.of(Math.log(3), 2, -1, Math.log(4)) };

  it('have a sigmoid each inside the crop box and probability 0 outside', () => {
    const probabilities = restoreProbabilities(scores, record, identity, unit, regions);
    expect([...probabilities].slice(0, 5)).toEqual([0, 0, 0, 0, 0]);
    expect(probabilities[5]).toBeCloseTo(0.75, 6);
    expect(probabilities[8 + 6]).toBeCloseTo(0.8, 6);
    expect(probabilities[8 + 7]).toBe(0);
  });

  it('write their labels one over the other, the same from logits and from probabilities', () => {
    const segmentation = restoreSegmentation(scores, record, identity, unit, regions);
    expect([...segmentation]).toEqual([0, 0, 0, 0, 0, 1, 2, 0]);
    const probabilities = restoreProbabilities(scores, record, identity, unit, regions);
    expect(segmentation).toEqual(labelMap(probabilities, labelScheme(DECLARED)));
  });
});

describe('restoreSegmentation', () => {
  it('takes the highest logit inside the crop box and 0 outside', () => {
    expect([...restoreSegmentation(logits, record, identity, unit, softmax)]).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
  });

  it('takes the lowest of equal heads', () => {
    const equal: Tensor = { shape: [3, 1, 1, 2], data: Float32Array.of(0, 0, 5, 0, 5, 0) };
    expect([...restoreSegmentation(equal, record, identity, unit, softmax)].slice(5, 7)).toEqual([1, 0]);
  });

  it('keeps the distance of the slices for a 2D configuration', () => {
    const thick: CropAndResampleRecord = { ...record, spacingBefore: [9, 1, 1] };
    const flat = { spacing: resolutionNet([1, 1]), resampleProbabilities };
    expect([...restoreSegmentation(logits, thick, identity, flat, softmax)].slice(5, 7)).toEqual([1, 0]);
  });

  it('undoes every order of axes', () => {
    const orders: AxisPermutation[] = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...orders),
        fc.array(fc.boolean(), { minLength: 24, maxLength: 24 }),
        (forward, set) => {
          const truth = Float32Array.from(set, (inside) => (inside ? 1 : 0));
          const raw = { channels: 1, shape: shapeZyx(2, 3, 4), spacing: spacingZyx(3, 2, 1), data: truth };
          const net = imageToNet(raw, forward);
          const heads: Tensor = {
            shape: [2, ...net.shape],
            data: Float32Array.from([...net.data.map((v) => 1 - v), ...net.data]),
          };
          const [a, b, c] = net.shape;
          const whole: CropAndResampleRecord = {
            shapeBeforeCropping: net.shape,
            cropBox: [
              [0, a],
              [0, b],
              [0, c],
            ],
            shapeAfterCropping: net.shape,
            spacingBefore: net.spacing,
          };
          const configuration = { spacing: net.spacing, resampleProbabilities };
          const plans = { transposeForward: forward };
          expect([...restoreSegmentation(heads, whole, plans, configuration, softmax)]).toEqual([...truth]);
          const foreground = restoreProbabilities(heads, whole, plans, configuration, softmax).subarray(24);
          expect([...foreground].map((p) => (p > 0.5 ? 1 : 0))).toEqual([...truth]);
        },
      ),
    );
  });

  it.each([
    { shape: [1, 1, 2], want: 'expected logits (heads, ...net), got 1 x 1 x 2' },
    { shape: [0, 1, 1, 2], want: 'expected logits (heads, ...net), got 0 x 1 x 1 x 2' },
    { shape: [257, 1, 1, 2], want: 'a label map of bytes holds 256 classes, got 257' },
  ])('refuses logits of shape $shape', ({ shape, want }) => {
    const tensor = { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) };
    expect(() => restoreSegmentation(tensor, record, identity, unit, softmax)).toThrow(want);
  });
});
