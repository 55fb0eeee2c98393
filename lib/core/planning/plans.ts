// What nnU-Net's plans.json says, as our types. The JSON keys (snake_case) are met only in `lib/formats/plans-json.ts`.

import type { AxisPermutation, Shape, Spacing, Vec } from '#core/geometry/axes.ts';

export type ConfigurationName = string; // '2d', '3d_fullres', '3d_lowres', '3d_cascade_fullres' or hand-written

export type NormalizationScheme =
  | 'ZScoreNormalization'
  | 'CTNormalization'
  | 'NoNormalization'
  | 'RescaleTo01Normalization'
  | 'RGBTo01Normalization';

/** Statistics of the foreground voxels of one channel over the data set (population std, linear percentiles). */
export interface IntensityStatistics {
  readonly mean: number;
  readonly median: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  readonly percentile00_5: number;
  readonly percentile99_5: number;
}

export interface ResamplingOptions {
  readonly isSegmentation: boolean;
  readonly order: 0 | 1 | 3;
  readonly orderZ: 0 | 1 | 3;
  /** `null`: decided from the spacings. */
  readonly forceSeparateZ: boolean | null;
}

export interface Architecture {
  readonly kind: 'PlainConvUNet' | 'ResidualEncoderUNet';
  readonly dimensions: 2 | 3;
  readonly featuresPerStage: readonly number[];
  /** Per stage, per axis. */
  readonly kernelSizes: readonly (readonly number[])[];
  readonly strides: readonly (readonly number[])[];
  /** Convolutions (plain) or residual blocks per encoder stage. */
  readonly encoderBlocksPerStage: readonly number[];
  /** Convolutions per decoder level, deepest first. */
  readonly decoderConvolutionsPerStage: readonly number[];
  readonly convolutionBias: boolean;
  readonly normEpsilon: number;
}

export interface ConfigurationPlan {
  readonly name: ConfigurationName;
  readonly dataIdentifier: string;
  readonly batchSize: number;
  /** Network order; 2 axes for `2d`. */
  readonly patchSize: Vec<'net', 'voxel'>;
  /** May end in .5. Same axes as `patchSize`. */
  readonly medianImageSize: readonly number[];
  readonly spacing: Vec<'net', 'mm'>;
  readonly normalizationSchemes: readonly NormalizationScheme[];
  readonly useMaskForNorm: readonly boolean[];
  readonly resampleImage: ResamplingOptions;
  readonly resampleSegmentation: ResamplingOptions;
  readonly resampleProbabilities: ResamplingOptions;
  readonly architecture: Architecture;
  readonly batchDice: boolean;
  /** Whose predictions are further input channels; `null` but for a cascade. */
  readonly previousStage: ConfigurationName | null;
  /** Configurations whose previous stage this is. */
  readonly nextStages: readonly ConfigurationName[];
}

export interface Plans {
  readonly datasetName: string;
  readonly plansName: string;
  readonly planner: string;
  readonly imageReaderWriter: string;
  readonly originalMedianSpacing: Spacing<'net'>;
  readonly originalMedianShape: Shape<'net'>;
  readonly transposeForward: AxisPermutation;
  readonly transposeBackward: AxisPermutation;
  /** In the order 2d, 3d_lowres, 3d_fullres, 3d_cascade_fullres. */
  readonly configurations: readonly ConfigurationPlan[];
  /** Per channel. */
  readonly foregroundIntensities: readonly IntensityStatistics[];
}
