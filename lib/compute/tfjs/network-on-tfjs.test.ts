import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { startBackend } from './backend.ts';
import { NetworkOnTfjs } from './network-on-tfjs.ts';

beforeAll(async () => {
  await startBackend('cpu');
});

const strides = [
  [1, 1],
  [2, 2],
];

function tinyNetwork(): NetworkOnTfjs {
  const graph = buildNetwork(
    {
      kind: 'PlainConvUNet',
      dimensions: 2,
      featuresPerStage: [2, 3],
      kernelSizes: strides.map(() => [3, 3]),
      strides,
      encoderBlocksPerStage: [1, 1],
      decoderConvolutionsPerStage: [1],
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    1,
    2,
  );
  const network = new NetworkOnTfjs(graph);
  network.weights = initializeParameters(graph, 1);
  return network;
}

const input = { shape: [1, 1, 4, 4], data: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) };

it('leaves no tensor behind, also when the loss cannot be computed', () => {
  const network = tinyNetwork();
  const before = tf.memory().numTensors;
  network.forward(input);
  network.differentiate(input, ([logits]) => ({ loss: 0, gradients: [new Float32Array(logits?.data.length ?? 0)] }));
  expect(() =>
    network.differentiate(input, () => {
      throw new RangeError('no loss');
    }),
  ).toThrow('no loss');
  expect(tf.memory().numTensors).toBe(before);
});

it('has the gradient that small changes of a weight show, for every parameter', () => {
  const network = tinyNetwork();
  // A loss that is linear in the logits: its gradient by them is a constant.
  const slopes = Float32Array.from({ length: 32 }, (_, i) => Math.cos(i));
  const linear = (data: Float32Array): number => data.reduce((sum, logit, i) => sum + logit * (slopes[i] ?? 0), 0);
  const lossOf = (): number => linear(network.forward(input)[0]?.data ?? new Float32Array());
  const { gradients } = network.differentiate(input, () => ({ loss: 0, gradients: [slopes] }));
  const weights = network.weights;
  expect([...gradients.keys()]).toEqual([...weights.keys()]);
  const change = 2 ** -8;
  for (const [name, { shape, data }] of weights) {
    const at = data.length - 1;
    const moved = (by: number): number => {
      network.weights = new Map([...weights, [name, { shape, data: data.with(at, (data[at] ?? 0) + by) }]]);
      return lossOf();
    };
    const difference = (moved(change) - moved(-change)) / (2 * change);
    // float32 losses of order 1 are good to 1e-6 / change.
    expect(Math.abs((gradients.get(name)?.data[at] ?? Number.NaN) - difference), name).toBeLessThan(2e-3);
  }
});
