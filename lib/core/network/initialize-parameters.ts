import { product } from '#core/geometry/axes.ts';
import { philoxNormals } from '#core/random/philox.ts';
import { RandomStream } from '#core/random/random-stream.ts';
import type { NetworkGraph } from './graph.ts';
import type { Tensor, Tensors } from './tensor.ts';

const LEAKY_SLOPE = 0.01;

/**
 * Starting values of every parameter of a graph, the same for the same seed on any machine.
 *
 * Convolution weights are Kaiming normal, standard deviation sqrt(2 / (1 + 0.01²)) / sqrt(fanIn); the rest is constant.
 * Each weight draws from a Philox stream of its own, so its values do not depend on the sizes of those before it.
 *
 * @see nnU-Net v2, InitWeights_He(1e-2)
 */
export function initializeParameters(graph: NetworkGraph, seed: number): Tensors {
  const keys = new RandomStream(seed);
  const tensors = new Map<string, Tensor>();
  for (const { name, shape, initialization } of graph.parameters) {
    const count = product(shape);
    const data =
      initialization.kind === 'constant'
        ? new Float32Array(count).fill(initialization.value)
        : scaled(philoxNormals(keys.key(), count), kaimingDeviation(initialization.fanIn));
    tensors.set(name, { shape, data });
  }
  return tensors;
}

const kaimingDeviation = (fanIn: number): number => Math.sqrt(2 / (1 + LEAKY_SLOPE ** 2)) / Math.sqrt(fanIn);

const scaled = (values: Float32Array, factor: number): Float32Array => values.map((value) => value * factor);
