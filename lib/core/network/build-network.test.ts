import { describe, expect, it } from 'vitest';
import type { Architecture } from '#core/planning/plans.ts';
import { buildNetwork } from './build-network.ts';
import { parameterCount } from './parameter-count.ts';

/** Three stages: 8x4 voxels, then 4x4, then 2x2. */
const anArchitecture = (changed: Partial<Architecture> = {}): Architecture => ({
  kind: 'PlainConvUNet',
  dimensions: 2,
  featuresPerStage: [4, 6, 8],
  kernelSizes: [
    [1, 3],
    [3, 3],
    [3, 3],
  ],
  strides: [
    [1, 1],
    [2, 1],
    [2, 2],
  ],
  encoderBlocksPerStage: [2, 1, 2],
  decoderConvolutionsPerStage: [1, 2],
  convolutionBias: true,
  normEpsilon: 1e-5,
  ...changed,
});

describe('buildNetwork', () => {
  const graph = buildNetwork(anArchitecture(), 2, 3);

  it('lists earlier nodes only as inputs, so that the order of the nodes can be executed', () => {
    expect(graph.nodes[0]).toEqual({ op: 'input', channels: 2 });
    graph.nodes.forEach((node, id) => {
      if (node.op === 'input') return;
      for (const from of [node.from].flat()) expect(from).toBeLessThan(id);
    });
  });

  it('gives a head for every resolution but the lowest, highest first', () => {
    const heads = graph.outputs.map((id) => graph.nodes[id]);
    expect(heads.map((node) => node?.op === 'convolution' && node.weight)).toEqual([
      'decoder.seg_layers.1.weight',
      'decoder.seg_layers.0.weight',
    ]);
    expect(heads.map((node) => node?.channels)).toEqual([3, 3]);
  });

  it('joins what was upsampled with the skip of the same resolution, in this order', () => {
    const joined = graph.nodes.flatMap((node) => (node.op === 'concatenate' ? [node] : []));
    expect(joined.map(({ channels }) => channels)).toEqual([12, 8]);
    for (const { from } of joined) {
      expect(from.map((id) => graph.nodes[id]?.op)).toEqual(['transposed-convolution', 'leaky-relu']);
    }
  });

  it('upsamples by the stride that the stage below was reached with', () => {
    const up = graph.nodes.flatMap((node) => (node.op === 'transposed-convolution' ? [node.stride] : []));
    expect(up).toEqual([
      [2, 2],
      [2, 1],
    ]);
  });

  it('asks for inputs that divide by the product of all strides', () => {
    expect(graph.divisor).toEqual([4, 2]);
  });

  it('lists the encoder, then decoder convolutions, transposed convolutions and heads', () => {
    const groups = graph.parameters.map(({ name }) => name.split('.').slice(0, 2).join('.'));
    expect([...new Set(groups)]).toEqual([
      'encoder.stages',
      'decoder.stages',
      'decoder.transpconvs',
      'decoder.seg_layers',
    ]);
    expect(groups).toEqual([...groups].sort((a, b) => groups.indexOf(a) - groups.indexOf(b)));
  });

  it('names each parameter once, and every name that a node uses', () => {
    const names = graph.parameters.map(({ name }) => name);
    const used = graph.nodes.flatMap((node) => ('weight' in node ? [node.weight, node.bias] : []));
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(used)).toEqual(new Set(names));
  });

  it('counts the parameters', () => {
    // encoder 2·4·3+4, 4·4·3+4, 4·6·9+6, 6·8·9+8, 8·8·9+8; decoder 12·6·9+6, 8·4·3+4, 4·4·3+4;
    // transposed 8·6·4+6, 6·4·2+4; heads 6·3+3, 4·3+3; norms 2·(4+4+6+8+8+6+4+4)
    const want = 28 + 52 + 222 + 440 + 584 + (654 + 100 + 52) + (198 + 52) + (21 + 15) + 2 * 44;
    expect(parameterCount(graph)).toBe(want);
  });

  it('counts what nnU-Net counts for one channel, three classes and six 3D stages', () => {
    const stages = [32, 64, 128, 256, 320, 320];
    const plain = anArchitecture({
      dimensions: 3,
      featuresPerStage: stages,
      kernelSizes: stages.map(() => [3, 3, 3]),
      strides: stages.map((_, stage) => (stage === 0 ? [1, 1, 1] : [2, 2, 2])),
      encoderBlocksPerStage: stages.map(() => 2),
      decoderConvolutionsPerStage: [2, 2, 2, 2, 2],
    });
    expect(parameterCount(buildNetwork(plain, 1, 3))).toBe(31_196_399);
  });

  it('takes the fan-in of a transposed convolution from its output', () => {
    const transposed = graph.parameters.find(({ name }) => name === 'decoder.transpconvs.0.weight');
    expect(transposed?.shape).toEqual([8, 6, 2, 2]);
    expect(transposed?.initialization).toEqual({ kind: 'kaiming-normal', fanIn: 24 });
  });

  it('leaves out the biases of convolutions without bias, but not those of heads', () => {
    const names = buildNetwork(anArchitecture({ convolutionBias: false }), 1, 2).parameters.map(({ name }) => name);
    expect(names.filter((name) => name.endsWith('conv.bias'))).toEqual([]);
    expect(names).toContain('decoder.seg_layers.0.bias');
  });

  it('adds to what two convolutions make of a block its input: as it is, averaged, or projected too', () => {
    const residual = buildNetwork(anArchitecture({ kind: 'ResidualEncoderUNet', featuresPerStage: [4, 8, 8] }), 2, 3);
    const added = residual.nodes.flatMap((node) => (node.op === 'add' ? [node.from] : []));
    // Two blocks, one that strides and changes channels, two of which the first strides only.
    expect(added.map(([, skip]) => residual.nodes[skip ?? 0]?.op)).toEqual([
      ...['leaky-relu', 'leaky-relu'],
      'instance-norm',
      ...['average-pool', 'leaky-relu'],
    ]);
    expect(added.every(([path]) => residual.nodes[path ?? 0]?.op === 'instance-norm')).toBe(true);
    const names = residual.parameters.map(({ name }) => name).filter((name) => name.includes('skip'));
    expect(names).toEqual(
      ['conv.weight', 'norm.weight', 'norm.bias'].map((n) => `encoder.stages.1.blocks.0.skip.1.${n}`),
    );
  });

  it('starts every residual block as one that hands its input on', () => {
    const residual = buildNetwork(anArchitecture({ kind: 'ResidualEncoderUNet' }), 2, 3);
    const zero = residual.parameters.filter(
      ({ name, initialization }) =>
        name.endsWith('norm.weight') && initialization.kind === 'constant' && initialization.value === 0,
    );
    expect(zero.map(({ name }) => name.replace(/stages\.\d\.blocks\.\d/, 'block'))).toEqual(
      Array(5).fill('encoder.block.conv2.norm.weight'),
    );
  });

  it.each([
    {
      name: 'a single stage',
      changed: { featuresPerStage: [4], kernelSizes: [[3, 3]], strides: [[1, 1]] },
      want: 'a U-Net needs at least 2 stages, got 1',
    },
    {
      name: 'a missing stride',
      changed: { strides: [[1, 1]] },
      want: 'strides must have 3 entries for 3 stages, got 1',
    },
    {
      name: 'a decoder level too many',
      changed: { decoderConvolutionsPerStage: [2, 2, 2] },
      want: 'decoderConvolutionsPerStage must have 2 entries for 3 stages, got 3',
    },
    { name: 'kernels of other dimension', changed: { dimensions: 3 as const }, want: 'must have 3 axes, got [1,3]' },
    {
      name: 'an even kernel',
      changed: {
        kernelSizes: [
          [3, 3],
          [3, 2],
          [3, 3],
        ],
      },
      want: 'kernels must be odd so that padding can be symmetric, got [3,2]',
    },
  ])('refuses $name', ({ changed, want }) => {
    expect(() => buildNetwork(anArchitecture(changed), 1, 2)).toThrow(want);
  });
});
