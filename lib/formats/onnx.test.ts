import { describe, expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { Architecture } from '#core/planning/plans.ts';
import { counts, messages, texts } from '#test/protobuf-fields.ts';
import { encodeOnnx } from './onnx.ts';

const ARCHITECTURE: Architecture = {
  kind: 'PlainConvUNet',
  dimensions: 2,
  featuresPerStage: [4, 8, 8],
  kernelSizes: [
    [3, 3],
    [3, 3],
    [1, 3],
  ],
  strides: [
    [1, 1],
    [2, 2],
    [1, 2],
  ],
  encoderBlocksPerStage: [1, 1, 1],
  decoderConvolutionsPerStage: [1, 1],
  convolutionBias: true,
  normEpsilon: 1e-5,
};
const graph = buildNetwork(ARCHITECTURE, 2, 3);
const weightsOf = ({ parameters }: NetworkGraph): Tensors =>
  new Map(
    parameters.map(({ name, shape }, t): [string, Tensor] => {
      const values = shape.reduce((a, b) => a * b, 1);
      return [name, { shape, data: Float32Array.from({ length: values }, (_, i) => t + i / 1000) }];
    }),
  );
const weights = weightsOf(graph);
const description = { producerVersion: '1.2.3', metadata: { fold: '4' } };

const model = encodeOnnx(graph, weights, description);
const [body = Buffer.alloc(0)] = messages(model, 7);

describe('encodeOnnx', () => {
  it('states versions, producer and properties', () => {
    expect(counts(model, 1)).toEqual([8]);
    expect([texts(model, 2), texts(model, 3)]).toEqual([['pentafold'], ['1.2.3']]);
    expect(messages(model, 8).map((opset) => counts(opset, 2))).toEqual([[17]]);
    expect(messages(model, 14).map((property) => [...texts(property, 1), ...texts(property, 2)])).toEqual([
      ['fold', '4'],
    ]);
  });

  it('holds the weights that the full-resolution logits need, bit for bit, and no other head', () => {
    const tensors = messages(body, 5).map((tensor) => {
      const [raw = Buffer.alloc(0)] = messages(tensor, 9);
      return [texts(tensor, 8)[0], { shape: counts(tensor, 1), data: new Float32Array(new Uint8Array(raw).buffer) }];
    });
    const wanted = [...weights].filter(([name]) => !name.startsWith('decoder.seg_layers.0'));
    expect(Object.fromEntries(tensors)).toEqual(Object.fromEntries(wanted));
  });

  it('has nodes whose inputs come before them, from the image to the logits', () => {
    const known = new Set(['image', ...messages(body, 5).flatMap((tensor) => texts(tensor, 8))]);
    const types = messages(body, 1).map((node) => {
      for (const input of texts(node, 1)) expect(known).toContain(input);
      for (const output of texts(node, 2)) known.add(output);
      return texts(node, 4)[0];
    });
    expect(known).toContain('logits');
    expect(types.filter((type) => type === 'Conv').length).toBe(6);
    expect(types.filter((type) => type === 'ConvTranspose').length).toBe(2);
    expect(types.slice(0, 3)).toEqual(['Conv', 'InstanceNormalization', 'LeakyRelu']);
    expect([body, body].map((graphs, i) => messages(graphs, 11 + i).flatMap((info) => texts(info, 1)))).toEqual([
      ['image'],
      ['logits'],
    ]);
  });

  it('pads half a kernel and strides as the graph does', () => {
    const [third] = messages(body, 1).filter((node) =>
      texts(node, 1).includes('encoder.stages.2.0.convs.0.conv.weight'),
    );
    const attributes = messages(third ?? Buffer.alloc(0), 5).map((attribute) => [
      texts(attribute, 1)[0],
      counts(attribute, 8),
    ]);
    expect(Object.fromEntries(attributes)).toEqual({ kernel_shape: [1, 3], strides: [1, 2], pads: [0, 1, 0, 1] });
  });

  it('pools and sums where a residual block skips', () => {
    const residual = buildNetwork({ ...ARCHITECTURE, kind: 'ResidualEncoderUNet' }, 2, 3);
    const [residualBody = Buffer.alloc(0)] = messages(encodeOnnx(residual, weightsOf(residual), description), 7);
    const nodes = messages(residualBody, 1).map((node) => ({ type: texts(node, 4)[0], node }));
    const sums = nodes.filter(({ type }) => type === 'Sum').map(({ node }) => node);
    expect(sums.map((node) => texts(node, 1).length)).toEqual([2, 2, 2]);
    const pools = nodes.filter(({ type }) => type === 'AveragePool').map(({ node }) => node);
    const extents = pools.map((node) =>
      messages(node, 5).map((attribute) => [texts(attribute, 1)[0], counts(attribute, 8)]),
    );
    expect(extents.map((entries) => Object.fromEntries(entries))).toEqual([
      { kernel_shape: [2, 2], strides: [2, 2] },
      { kernel_shape: [1, 2], strides: [1, 2] },
    ]);
  });

  it('refuses weights that lack a parameter', () => {
    expect(() => encodeOnnx(graph, new Map(), description)).toThrow('the weights lack encoder.stages.0.0.convs.0');
  });

  it('refuses weights of another network by name', () => {
    const ofMoreChannels = weightsOf(buildNetwork(ARCHITECTURE, 3, 3));
    expect(() => encodeOnnx(graph, ofMoreChannels, description)).toThrow(
      'expected weights encoder.stages.0.0.convs.0.conv.weight of shape 4 x 2 x 3 x 3, got 4 x 3 x 3 x 3',
    );
  });
});
