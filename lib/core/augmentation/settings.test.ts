import { describe, expect, it } from 'vitest';
import { AUGMENTATIONS, augmentationSettings, type CustomAugmentation } from './settings.ts';

const { v1, v2 } = AUGMENTATIONS;

describe('augmentationSettings', () => {
  it('deforms elastically in v1 only, and is otherwise the same', () => {
    expect(augmentationSettings('v2').elastic).toBeNull();
    expect({ ...augmentationSettings('v1'), elastic: null }).toEqual(v2);
    // The variance of an even draw from ±alpha is alpha² / 3.
    expect(v1.elastic?.amplitude[3].map((amplitude) => amplitude * Math.sqrt(3))).toEqual([0, 900]);
    expect(v1.elastic?.amplitude[2][1]).toBeCloseTo(200 / Math.sqrt(3), 12);
    expect(v1.elastic).toMatchObject({ chance: 0.2, sigma: [9, 13] });
  });

  it('takes a custom field whole, and v2 for what is left out', () => {
    const custom = augmentationSettings({ noise: { chance: 1, sigma: [0.2, 0.3] }, gamma: undefined });
    expect(custom).toEqual({ ...v2, noise: { chance: 1, sigma: [0.2, 0.3] } });
  });

  it.each<{ name: string; custom: CustomAugmentation; want: string }>([
    { name: 'a chance above 1', custom: { rotation: { chance: 1.5 } }, want: 'rotation.chance: expected a number' },
    {
      name: 'a chance below 0, however deep',
      custom: {
        previousStage: { ...v2.previousStage, operator: { ...v2.previousStage.operator, chancePerLabel: -1 } },
      },
      want: 'previousStage.operator.chancePerLabel: expected a number from 0 to 1',
    },
    { name: 'not a number', custom: { rotation: { chance: Number.NaN } }, want: 'got NaN' },
    { name: 'a range turned round', custom: { noise: { chance: 1, sigma: [2, 1] } }, want: 'at least 0, got 2, 1' },
    { name: 'a zoom above 1', custom: { lowResolution: { ...v2.lowResolution, zoom: [0.5, 2] } }, want: 'zoom' },
    { name: 'a gamma range without 1', custom: { gamma: { chance: 1, exponent: [2, 3] } }, want: 'that holds 1' },
    { name: 'a blur of nothing', custom: { blur: { ...v2.blur, sigma: [0, 1] } }, want: 'blur.sigma' },
    {
      name: 'a displacement that is not smooth',
      custom: { elastic: { chance: 1, amplitude: { 2: [0, 1], 3: [0, 1] }, sigma: [0, 1] } },
      want: 'elastic.sigma',
    },
    {
      name: 'all at once',
      custom: { contrast: { chance: 2, factor: [0, 3] } },
      want: 'got 2, 2; augmentation.contrast.factor',
    },
  ])('refuses $name', ({ custom, want }) => {
    expect(() => augmentationSettings(custom)).toThrow(want);
  });
});
