import { describe, expect, test } from 'vitest';
import type { Precision } from '#core/training/precision.ts';
import { trainingSetup } from './training-setup.ts';

const configuration = {
  batchDice: true,
  architecture: { featuresPerStage: [8, 16, 32, 64] },
  previousStage: null,
};

const LABELS = { targets: [1, 2], foreground: [1, 2], classOrder: null, ignore: null };

describe('trainingSetup', () => {
  test('weighs one output per decoder level and clips at 12', () => {
    const { loss, gradientClip } = trainingSetup(configuration, { optimizer: 'sgd', dtype: 'float32' }, LABELS);
    expect(loss.batchDice).toBe(true);
    expect(loss.deepSupervisionWeights).toEqual([2 / 3, 1 / 3, 0]);
    expect(gradientClip).toBe(12);
  });

  test('tells the loss of regions and of what to ignore', () => {
    const regions = { ...LABELS, targets: [[1, 2], 2], classOrder: [1, 2], ignore: 3 };
    const { loss } = trainingSetup(configuration, { optimizer: 'sgd', dtype: 'float32' }, regions);
    expect(loss.labels).toEqual({ regions: [[1, 2], [2]], ignore: 3 });
    expect(trainingSetup(configuration, { optimizer: 'sgd', dtype: 'float32' }, LABELS).loss.labels).toEqual({
      regions: null,
      ignore: null,
    });
  });

  test('scales the loss as nnU-Net does where it trains in float16, and only there', () => {
    const scalingIn = (dtype: Precision) =>
      trainingSetup(configuration, { optimizer: 'sgd', dtype }, LABELS).lossScaling;
    expect(scalingIn('float16')).toMatchObject({ initialScale: 65536, growthInterval: 2000 });
    expect(scalingIn('bfloat16')).toBeNull();
    expect(scalingIn('float32')).toBeNull();
  });

  test('names the labels of the stage before a cascade', () => {
    const labelsOf = (previousStage: string | null) =>
      trainingSetup({ ...configuration, previousStage }, { optimizer: 'sgd', dtype: 'float32' }, LABELS)
        .previousStageLabels;
    expect(labelsOf('3d_lowres')).toEqual([1, 2]);
    expect(labelsOf(null)).toEqual([]);
  });

  test.each([
    { optimizer: 'sgd', want: { kind: 'sgd', momentum: 0.99, weightDecay: 3e-5 } },
    { optimizer: 'adamw', want: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 3e-5 } },
  ] as const)('$optimizer has nnU-Net’s values', ({ optimizer, want }) => {
    expect(trainingSetup(configuration, { optimizer, dtype: 'float32' }, LABELS).optimizer).toEqual(want);
  });
});
