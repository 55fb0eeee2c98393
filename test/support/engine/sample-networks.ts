import { product } from '#core/geometry/axes.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';

/** A 2D U-Net with 2139 parameters, uneven strides and 3 outputs. */
export const tinyUNet = (): NetworkGraph =>
  smallUNet(
    [
      [1, 1],
      [2, 2],
      [1, 2],
      [2, 2],
    ],
    [2, 4, 4, 4],
    1,
  );

/** A 2D U-Net with a residual encoder, whose blocks do more than hand their input on under `sineWeights`. */
export const residualUNet = (): NetworkGraph =>
  buildNetwork(
    {
      kind: 'ResidualEncoderUNet',
      dimensions: 2,
      featuresPerStage: [4, 6, 6],
      kernelSizes: Array(3).fill([3, 3]),
      strides: [
        [1, 1],
        [2, 2],
        [1, 2],
      ],
      encoderBlocksPerStage: [1, 2, 1],
      decoderConvolutionsPerStage: [1, 1],
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    1,
    3,
  );

/** A plain U-Net with two convolutions per stage and kernels of 3. */
export function smallUNet(
  strides: readonly (readonly number[])[],
  features: readonly number[],
  channels: number,
  heads = 3,
): NetworkGraph {
  const axes = strides[0]?.length ?? 0;
  return buildNetwork(
    {
      kind: 'PlainConvUNet',
      dimensions: axes === 2 ? 2 : 3,
      featuresPerStage: features,
      kernelSizes: strides.map((stride) => stride.map(() => 3)),
      strides,
      encoderBlocksPerStage: strides.map(() => 2),
      decoderConvolutionsPerStage: strides.slice(1).map(() => 2),
      convolutionBias: true,
      normEpsilon: 1e-5,
    },
    channels,
    heads,
  );
}

/** A network whose logits are its input: one 1 x 1 convolution. What goes in is what the loss sees. */
export function identityNetwork(heads: number, dimensions: 2 | 3): NetworkGraph {
  const ones = Array<number>(dimensions).fill(1);
  const weight = { name: 'head.weight', shape: [heads, heads, ...ones] };
  const bias = { name: 'head.bias', shape: [heads] };
  const initialization = { kind: 'constant', value: 0 } as const;
  return {
    dimensions,
    nodes: [
      { op: 'input', channels: heads },
      {
        op: 'convolution',
        from: 0,
        inputChannels: heads,
        channels: heads,
        kernel: ones,
        stride: ones,
        weight: weight.name,
        bias: bias.name,
      },
    ],
    outputs: [1],
    inputChannels: heads,
    heads,
    divisor: ones,
    parameters: [
      { ...weight, initialization },
      { ...bias, initialization },
    ],
  };
}

/**
 * Two 1 x 1 convolutions of an image of 2 channels, added at half the width: one of the mean of two voxels, one of the
 * first of them. Smooth everywhere, so that small changes show its gradient.
 */
export function pooledSum(): NetworkGraph {
  const kernel = [1, 1];
  const convolution = (name: string, stride: readonly number[]) =>
    ({
      op: 'convolution',
      from: 0,
      inputChannels: 2,
      channels: 3,
      kernel,
      stride,
      weight: `${name}.weight`,
      bias: null,
    }) as const;
  const initialization = { kind: 'constant', value: 0 } as const;
  return {
    dimensions: 2,
    nodes: [
      { op: 'input', channels: 2 },
      convolution('mean', [1, 1]),
      { op: 'average-pool', from: 1, channels: 3, stride: [1, 2] },
      convolution('first', [1, 2]),
      { op: 'add', from: [2, 3], channels: 3 },
    ],
    outputs: [4],
    inputChannels: 2,
    heads: 3,
    divisor: [1, 2],
    parameters: ['mean', 'first'].map((name) => ({ name: `${name}.weight`, shape: [3, 2, 1, 1], initialization })),
  };
}

export function identityWeights(graph: NetworkGraph): Tensors {
  const { heads } = graph;
  return weightsOf(graph, ({ shape }) =>
    Float32Array.from({ length: product(shape) }, (_, i) =>
      shape.length > 1 && Math.floor(i / heads) === i % heads ? 1 : 0,
    ),
  );
}

/** 0.5 * sin(k) with one k running on through all parameters in the graph's order. */
export function sineWeights(graph: NetworkGraph): Tensors {
  let k = 0;
  return weightsOf(graph, ({ shape }) => Float32Array.from({ length: product(shape) }, () => 0.5 * Math.sin(k++)));
}

/** The formula weights of the golden networks; see the README beside them. */
export const formulaWeights = (graph: NetworkGraph): Tensors =>
  weightsOf(graph, ({ name, shape }, t) => {
    const scale = shape.length > 1 ? 1 / Math.sqrt(product(shape.slice(1))) : 1;
    const offset = shape.length === 1 && name.endsWith('norm.weight') ? 1 : 0;
    return Float32Array.from({ length: product(shape) }, (_, i) => offset + 0.1 * Math.sin(0.37 * i + 1.3 * t) * scale);
  });

/** Weights that differ from entry to entry, by the formula of `residual_gradients.py`. */
export const roughWeights = (graph: NetworkGraph): Tensors =>
  weightsOf(graph, ({ name, shape }, t) => {
    const scale = shape.length > 1 ? 2 / Math.sqrt(product(shape.slice(1))) : 0.1;
    const offset = shape.length === 1 && name.endsWith('norm.weight') ? 1 : 0;
    return Float32Array.from({ length: product(shape) }, (_, i) => offset + scale * Math.sin(i * i + 2 * t));
  });

function weightsOf(
  graph: NetworkGraph,
  fill: (parameter: NetworkGraph['parameters'][number], index: number) => Float32Array,
): Tensors {
  return new Map(
    graph.parameters.map((parameter, index): [string, Tensor] => [
      parameter.name,
      { shape: parameter.shape, data: fill(parameter, index) },
    ]),
  );
}

/** A tensor whose entry i is `value(i)`. */
export const tensorOf = (shape: readonly number[], value: (i: number) => number): Tensor => ({
  shape,
  data: Float32Array.from({ length: product(shape) }, (_, i) => value(i)),
});

/** A tensor of a map, by name. @throws {RangeError} if it is not there. */
export function named(tensors: Tensors, name: string): Tensor {
  const tensor = tensors.get(name);
  if (!tensor) throw new RangeError(`expected a tensor ${name} among ${[...tensors.keys()]}`);
  return tensor;
}
