import { describe, expect, it } from 'vitest';
import type { Tensor } from '#core/network/tensor.ts';
import { deepSupervisionLoss, diceCrossEntropy, type Target } from './dice-cross-entropy.ts';
import type { TargetLabels } from './loss-options.ts';

// Two samples of 2 x 2 voxels, three classes; the losses wanted below were computed in float32 by nnU-Net.
const logits: Tensor = {
  shape: [2, 3, 2, 2],
  data: Float32Array.of(
    ...[2, 0.5, -1, 0],
    ...[0, 1, 0.5, 0],
    ...[-1, 0, 1.5, 0],
    ...[0, 0, 1, 2],
    ...[1, 0, 0, 0],
    ...[0, 3, 0, -2],
  ),
};
const target: Target = { shape: [2, 2, 2], data: Int16Array.of(0, 1, 2, 1, 0, 2, 0, 0) };

/** Every head a class, every voxel counted. */
const loss = (batchDice: boolean, labels: TargetLabels = { regions: null, ignore: null }) => ({ batchDice, labels });

describe('diceCrossEntropy', () => {
  it.each([
    { batchDice: false, want: 0.1049844 },
    { batchDice: true, want: 0.03307527 },
  ])('adds both terms on explicit logits, batch Dice $batchDice', ({ batchDice, want }) => {
    expect(diceCrossEntropy(logits, target, loss(batchDice)).loss).toBeCloseTo(want, 6);
  });

  it.each([false, true])('has the gradient that small changes of the loss show, batch Dice %s', (batchDice) => {
    const { gradient } = diceCrossEntropy(logits, target, loss(batchDice));
    const change = 2 ** -6; // exact in float32
    for (const i of logits.data.keys()) {
      const moved = (by: number): number =>
        diceCrossEntropy({ ...logits, data: logits.data.with(i, (logits.data[i] ?? 0) + by) }, target, loss(batchDice))
          .loss;
      // Central differences are off by change² / 6 times the third derivative, which is below 1.
      expect(gradient[i]).toBeCloseTo((moved(change) - moved(-change)) / (2 * change), 4);
    }
  });

  it('counts a class that is absent as a Dice near 0', () => {
    const zeros: Tensor = { shape: [1, 2, 2], data: new Float32Array(4) };
    const background: Target = { shape: [1, 2], data: Int16Array.of(0, 0) };
    expect(diceCrossEntropy(zeros, background, loss(false)).loss).toBeCloseTo(Math.LN2 - 1e-5, 8);
  });

  it('has the gradient that small changes show with overlapping regions and an ignored voxel', () => {
    // Region 0 is label 1 or 2, region 1 is label 2, region 2 is label 1; label 3 does not count.
    const options = loss(false, { regions: [[1, 2], [2], [1]], ignore: 3 });
    const some = { ...target, data: target.data.with(5, 3) };
    const { gradient } = diceCrossEntropy(logits, some, options);
    const change = 2 ** -6;
    for (const i of logits.data.keys()) {
      const moved = (by: number): number =>
        diceCrossEntropy({ ...logits, data: logits.data.with(i, (logits.data[i] ?? 0) + by) }, some, options).loss;
      expect(gradient[i]).toBeCloseTo((moved(change) - moved(-change)) / (2 * change), 4);
    }
    expect([13, 17, 21].map((i) => gradient[i])).toEqual([0, 0, 0]);
  });

  it('stays finite for logits whose exponentials are not', () => {
    const extreme: Tensor = { shape: [1, 2, 2], data: Float32Array.of(1000, -1000, -1000, 1000) };
    const right: Target = { shape: [1, 2], data: Int16Array.of(0, 1) };
    expect(diceCrossEntropy(extreme, right, loss(false)).loss).toBeCloseTo(-1, 6);
  });

  it.each([
    {
      name: 'a label without a head',
      bad: { ...target, data: target.data.with(3, 3) },
      want: 'expected labels 0, 1, 2 in the target, got 3',
    },
    { name: 'label -1', bad: { ...target, data: target.data.with(0, -1) }, want: 'got -1' },
    { name: 'another extent', bad: { ...target, shape: [2, 4] }, want: 'shape [2,2,2], got [2,4]' },
  ])('refuses $name', ({ bad, want }) => {
    expect(() => diceCrossEntropy(logits, bad, loss(false))).toThrow(want);
  });
});

describe('deepSupervisionLoss', () => {
  it('weighs each output and leaves one of weight 0 unevaluated', () => {
    const { loss: total, gradients } = deepSupervisionLoss([logits, logits, logits], [target, target], {
      ...loss(false),
      deepSupervisionWeights: [0.75, 0.25, 0],
    });
    expect(total).toBeCloseTo(0.1049844, 6);
    const whole = diceCrossEntropy(logits, target, loss(false)).gradient[0] ?? Number.NaN;
    expect(gradients[0]?.[0]).toBeCloseTo(0.75 * whole, 7);
    expect(gradients[2]).toBeNull();
  });

  it('refuses an output without a target', () => {
    const options = { ...loss(false), deepSupervisionWeights: [1] };
    expect(() => deepSupervisionLoss([logits], [], options)).toThrow('output 0');
  });
});
