import { describe, expect, it } from 'vitest';
import type { Architecture } from '#core/planning/plans.ts';
import { memoryEstimate } from './memory-estimate.ts';

const isotropic = (stages: number, dimensions: 2 | 3, blocks: readonly number[] | null): Architecture => {
  const perStage = Array.from({ length: stages }, (_, stage) => stage);
  return {
    kind: blocks === null ? 'PlainConvUNet' : 'ResidualEncoderUNet',
    dimensions,
    featuresPerStage: perStage.map((stage) => Math.min(32 * 2 ** stage, dimensions === 2 ? 512 : 320)),
    kernelSizes: perStage.map(() => Array<number>(dimensions).fill(3)),
    strides: perStage.map((stage) => Array<number>(dimensions).fill(stage === 0 ? 1 : 2)),
    encoderBlocksPerStage: blocks ?? perStage.map(() => 2),
    decoderConvolutionsPerStage: perStage.slice(1).map(() => (blocks === null ? 2 : 1)),
    convolutionBias: true,
    normEpsilon: 1e-5,
  };
};

describe('memoryEstimate', () => {
  it.each([
    { name: 'plain 3D', network: isotropic(6, 3, null), patch: [128, 128, 128], labels: 3, want: 452_796_416 },
    { name: 'one label more', network: isotropic(6, 3, null), patch: [128, 128, 128], labels: 4, want: 454_893_568 },
    {
      name: 'residual',
      network: isotropic(6, 3, [1, 3, 4, 6, 6, 6]),
      patch: [128, 128, 128],
      labels: 3,
      want: 557_420_544,
    },
    { name: 'small plain 3D', network: isotropic(4, 3, null), patch: [40, 56, 40], labels: 3, want: 19_174_400 },
    { name: 'plain 2D', network: isotropic(8, 2, null), patch: [512, 512], labels: 3, want: 82_886_656 },
    { name: 'small plain 2D', network: isotropic(4, 2, null), patch: [56, 40], labels: 3, want: 651_840 },
  ])('counts the outputs of all convolutions: $name', ({ network, patch, labels, want }) => {
    expect(memoryEstimate(network, patch, labels)).toBe(want);
  });
});
