import { describe, expect, it } from 'vitest';
import type { NormalizationScheme } from '#core/planning/plans.ts';
import { IntensityRangeError, normalizeChannel } from './normalization.ts';

const statistics = { mean: 10, median: 10, std: 5, min: 0, max: 40, percentile00_5: 0, percentile99_5: 20 };
function normalized(
  scheme: NormalizationScheme,
  values: readonly number[],
  mask: readonly number[] | null = null,
): number[] {
  const voxels = Float32Array.from(values);
  normalizeChannel(scheme, voxels, mask && Int16Array.from(mask), statistics);
  return [...voxels];
}

describe('normalizeChannel', () => {
  it.each<{ name: string; scheme: NormalizationScheme; values: number[]; mask?: number[]; want: number[] }>([
    { name: 'z-scores take the population deviation', scheme: 'ZScoreNormalization', values: [1, 3], want: [-1, 1] },
    { name: 'z-scores of a constant are 0', scheme: 'ZScoreNormalization', values: [4, 4, 4], want: [0, 0, 0] },
    {
      name: 'z-scores with a mask leave the outside alone',
      scheme: 'ZScoreNormalization',
      values: [7, 1, 3, 9],
      mask: [-1, 0, 2, -1],
      want: [7, -1, 1, 9],
    },
    {
      name: 'z-scores with an empty mask change nothing',
      scheme: 'ZScoreNormalization',
      values: [7, 1],
      mask: [-1, -1],
      want: [7, 1],
    },
    {
      name: 'CT clips to the percentiles and standardises by the data set',
      scheme: 'CTNormalization',
      values: [-50, 0, 15, 99],
      want: [-2, -2, 1, 2],
    },
    { name: 'CT heeds no mask', scheme: 'CTNormalization', values: [15], mask: [-1], want: [1] },
    { name: 'rescaling takes its own range', scheme: 'RescaleTo01Normalization', values: [2, 4, 6], want: [0, 0.5, 1] },
    { name: 'rescaling a constant gives 0', scheme: 'RescaleTo01Normalization', values: [2, 2], want: [0, 0] },
    {
      name: 'RGB is divided by 255',
      scheme: 'RGBTo01Normalization',
      values: [0, 51, 255],
      want: [0, Math.fround(0.2), 1],
    },
    { name: 'no normalisation changes nothing', scheme: 'NoNormalization', values: [-3, 8], want: [-3, 8] },
  ])('$name', ({ scheme, values, mask, want }) => {
    expect(normalized(scheme, values, mask ?? null)).toEqual(want);
  });

  it.each([-1, 256])('refuses %s as RGB', (value) => {
    expect(() => normalized('RGBTo01Normalization', [0, value])).toThrow(IntensityRangeError);
    expect(() => normalized('RGBTo01Normalization', [0, value])).toThrow('rename the channel');
  });
});
