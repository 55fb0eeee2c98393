import { describe, expect, it } from 'vitest';
import { PLANS } from '#test/a-model.ts';
import { buildNetwork } from './build-network.ts';
import { initializeParameters } from './initialize-parameters.ts';
import { PretrainedWeightsMismatchError, requireSamePlan, withPretrained } from './pretrained-parameters.ts';
import type { Tensors } from './tensor.ts';

const [plan] = PLANS.configurations.filter(({ name }) => name === '3d_fullres');
if (plan === undefined) throw new Error('the plans of tests have a 3d_fullres');
const drawn = (heads: number, seed: number): Tensors =>
  initializeParameters(buildNetwork(plan.architecture, 1, heads), seed);
const own = drawn(2, 0);
const HEADS = ['decoder.seg_layers.0.weight', 'decoder.seg_layers.0.bias'];
const FIRST = 'encoder.stages.0.0.convs.0.conv.weight';

describe('withPretrained', () => {
  it('takes everything but the segmentation heads, whatever labels those are for', () => {
    const pretrained = drawn(5, 1);
    const started = withPretrained(own, pretrained);
    expect([...started.keys()]).toEqual([...own.keys()]);
    for (const [name, tensor] of started)
      expect(tensor, name).toBe((HEADS.includes(name) ? own : pretrained).get(name));
    expect([...own.keys()]).toEqual(expect.arrayContaining(HEADS));
  });

  const without = (name: string) => new Map([...own].filter(([key]) => key !== name));
  it.each([
    {
      name: 'another shape',
      pretrained: new Map([...own, [FIRST, { shape: [4, 2, 3, 3, 3], data: new Float32Array(216) }]]),
      want: `expected parameter ${FIRST} of shape 4 x 1 x 3 x 3 x 3, got one of shape 4 x 2 x 3 x 3 x 3; take weights`,
    },
    {
      name: 'nothing',
      pretrained: without(FIRST),
      want: `expected parameter ${FIRST} of shape 4 x 1 x 3 x 3 x 3, got none`,
    },
    {
      name: 'more',
      pretrained: new Map([...own, ['encoder.stages.9.bias', { shape: [1], data: new Float32Array(1) }]]),
      want: 'expected no parameter of that name, got encoder.stages.9.bias; take weights',
    },
  ])('refuses $name by the name of the parameter', ({ pretrained, want }) => {
    expect(() => withPretrained(own, pretrained)).toThrow(PretrainedWeightsMismatchError);
    expect(() => withPretrained(own, pretrained)).toThrow(`the pretrained weights do not fit: ${want}`);
  });
});

describe('requireSamePlan', () => {
  it('takes plans that differ in what the network and its patches do not see', () => {
    expect(() => requireSamePlan(plan, { ...plan, name: '3d_lowres' })).not.toThrow();
  });

  it.each([
    {
      pretrained: {
        ...plan,
        architecture: {
          ...plan.architecture,
          strides: [
            [1, 1, 1],
            [1, 2, 2],
          ],
        },
      },
      want: 'expected a network with strides [[1, 1, 1], [2, 2, 2]], got [[1, 1, 1], [1, 2, 2]]; take weights',
    },
    {
      pretrained: { ...plan, patchSize: PLANS.configurations[0]?.patchSize ?? plan.patchSize },
      want: 'expected those of a training on patches of [4, 4, 4], got [4, 4]; set planner.overrides.3d_fullres.patchSize to [4, 4]',
    },
  ])('says $want', ({ pretrained, want }) => {
    expect(() => requireSamePlan(plan, pretrained)).toThrow(want);
  });
});
