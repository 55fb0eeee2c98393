import { describe, expect, it } from 'vitest';
import { normalizationScheme, usesMaskForNorm } from './normalization-choice.ts';

describe('normalizationScheme', () => {
  it.each([
    { channelName: 'CT', want: 'CTNormalization' },
    { channelName: 'ct', want: 'CTNormalization' },
    { channelName: 'noNorm', want: 'NoNormalization' },
    { channelName: 'zscore', want: 'ZScoreNormalization' },
    { channelName: 'rescale_to_0_1', want: 'RescaleTo01Normalization' },
    { channelName: 'RGB_to_0_1', want: 'RGBTo01Normalization' },
    { channelName: 'T2 FLAIR', want: 'ZScoreNormalization' },
    { channelName: 'cta', want: 'ZScoreNormalization' },
  ])('of $channelName is $want', ({ channelName, want }) => {
    expect(normalizationScheme(channelName)).toBe(want);
  });
});

describe('usesMaskForNorm', () => {
  it.each([
    { scheme: 'ZScoreNormalization', left: 0.74, want: true },
    { scheme: 'ZScoreNormalization', left: 0.75, want: false },
    { scheme: 'CTNormalization', left: 0.1, want: false },
  ] as const)('is $want for $scheme where the crop leaves $left', ({ scheme, left, want }) => {
    expect(usesMaskForNorm(scheme, left)).toBe(want);
  });
});
