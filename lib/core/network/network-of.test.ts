import { describe, expect, it } from 'vitest';
import { CASCADE_PLANS } from '#test/a-model.ts';
import { networkOf } from './network-of.ts';

const LABELS = [
  { name: 'background', value: 0 },
  { name: 'organ', value: 1 },
  { name: 'tumour', value: 2 },
];
const REGIONS = {
  labels: [
    { name: 'background', value: 0 },
    { name: 'whole', value: [1, 2, 3] },
    { name: 'core', value: [2, 3] },
  ],
  regionsClassOrder: [1, 2],
};

describe('networkOf', () => {
  it.each([
    { name: '3d_lowres', dataset: { labels: LABELS }, want: { inputChannels: 2, heads: 3 } },
    { name: '3d_cascade_fullres', dataset: { labels: LABELS }, want: { inputChannels: 4, heads: 3 } },
    { name: '3d_cascade_fullres', dataset: REGIONS, want: { inputChannels: 5, heads: 2 } },
  ])('$name sees $want.inputChannels channels and has $want.heads heads', ({ name, dataset, want }) => {
    const plan = CASCADE_PLANS.configurations.find((one) => one.name === name);
    if (plan === undefined) throw new Error(`no ${name}`);
    expect(networkOf(plan, { channelNames: ['CT', 'PET'], ...dataset })).toMatchObject(want);
  });
});
