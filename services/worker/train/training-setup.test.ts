import { describe, expect, test } from 'vitest';
import { trainingSetup } from './training-setup.ts';

const configuration = {
  batchDice: true,
  architecture: { featuresPerStage: [8, 16, 32, 64] },
};

describe('trainingSetup', () => {
  test('weighs one output per decoder level and clips at 12', () => {
    const { loss, gradientClip } = trainingSetup(configuration, { optimizer: 'sgd' });
    expect(loss.batchDice).toBe(true);
    expect(loss.deepSupervisionWeights).toEqual([2 / 3, 1 / 3, 0]);
    expect(gradientClip).toBe(12);
  });

  test.each([
    { optimizer: 'sgd', want: { kind: 'sgd', momentum: 0.99, weightDecay: 3e-5 } },
    { optimizer: 'adamw', want: { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 3e-5 } },
  ] as const)('$optimizer has nnU-Net’s values', ({ optimizer, want }) => {
    expect(trainingSetup(configuration, { optimizer }).optimizer).toEqual(want);
  });
});
