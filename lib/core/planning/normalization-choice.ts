import type { NormalizationScheme } from './plans.ts';

const SCHEMES: Readonly<Record<string, NormalizationScheme>> = {
  ct: 'CTNormalization',
  nonorm: 'NoNormalization',
  zscore: 'ZScoreNormalization',
  rescale_to_0_1: 'RescaleTo01Normalization',
  rgb_to_0_1: 'RGBTo01Normalization',
};

/** A channel's normalisation by its name in dataset.json, in any case; z-score for all other names. */
export const normalizationScheme = (channelName: string): NormalizationScheme =>
  SCHEMES[channelName.toLowerCase()] ?? 'ZScoreNormalization';

/** Below this share left by the crop, images are mostly empty, and the emptiness must not enter the statistics. */
const MASKED_BELOW = 0.75;

/** Whether a channel is normalised inside the nonzero mask only: z-score, where the crop removes a quarter or more. */
export const usesMaskForNorm = (scheme: NormalizationScheme, medianRelativeSizeAfterCropping: number): boolean =>
  scheme === 'ZScoreNormalization' && medianRelativeSizeAfterCropping < MASKED_BELOW;
