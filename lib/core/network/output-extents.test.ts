import { expect, it } from 'vitest';
import { buildNetwork } from './build-network.ts';
import { outputExtents } from './output-extents.ts';

it('gives every output its extent, highest resolution first', () => {
  const strides = [
    [1, 1],
    [2, 2],
    [1, 2],
    [2, 2],
  ];
  const graph = buildNetwork(
    {
      kind: 'PlainConvUNet',
      dimensions: 2,
      featuresPerStage: [2, 2, 2, 2],
      kernelSizes: strides.map(() => [3, 3]),
      strides,
      encoderBlocksPerStage: [1, 1, 1, 1],
      decoderConvolutionsPerStage: [1, 1, 1],
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    1,
    2,
  );
  expect(outputExtents(graph, [16, 24])).toEqual([
    [16, 24],
    [8, 12],
    [8, 6],
  ]);
});
