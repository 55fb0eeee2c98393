import { describe, expect, it } from 'vitest';
import { extentNet, resolutionNet, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { Plans } from '#core/planning/plans.ts';
import { formatPlans, parseArchitecture, parsePlans } from './plans-json.ts';

const resampling = { isSegmentation: false, order: 3, orderZ: 0, forceSeparateZ: null } as const;

const plans: Plans = {
  datasetName: 'Phantom',
  plansName: 'nnUNetPlans',
  planner: 'ExperimentPlanner',
  imageReaderWriter: 'SimpleITKIO',
  originalMedianSpacing: spacingNet(3, 1, 1),
  originalMedianShape: shapeNet(20, 64, 64),
  transposeForward: [0, 1, 2],
  transposeBackward: [0, 1, 2],
  configurations: [
    {
      name: '2d',
      dataIdentifier: 'nnUNetPlans_2d',
      batchSize: 12,
      patchSize: extentNet([16, 8]),
      medianImageSize: [63.5, 64],
      spacing: resolutionNet([1, 1]),
      normalizationSchemes: ['ZScoreNormalization'],
      useMaskForNorm: [false],
      resampleImage: resampling,
      resampleSegmentation: { ...resampling, isSegmentation: true, order: 1 },
      resampleProbabilities: { ...resampling, order: 1 },
      architecture: {
        kind: 'PlainConvUNet',
        dimensions: 2,
        featuresPerStage: [32, 64],
        kernelSizes: [
          [3, 3],
          [3, 3],
        ],
        strides: [
          [1, 1],
          [2, 1],
        ],
        encoderBlocksPerStage: [2, 2],
        decoderConvolutionsPerStage: [2],
        convolutionBias: true,
        normEpsilon: 1e-5,
      },
      batchDice: true,
      previousStage: null,
      nextStages: [],
    },
  ],
  foregroundIntensities: [
    { mean: 100, median: 99, std: 10, min: 0, max: 200, percentile00_5: 1.5, percentile99_5: 190 },
  ],
};

/** The written plans with one value of the configuration changed. */
const changed = (key: string, value: unknown): string => {
  const json = JSON.parse(formatPlans(plans));
  json.configurations['2d'][key] = value;
  return JSON.stringify(json);
};

describe('plans.json', () => {
  it('survives the round trip', () => {
    expect(parsePlans(formatPlans(plans))).toEqual(plans);
  });

  it('survives it with a residual encoder', () => {
    const [configuration] = plans.configurations;
    if (configuration === undefined) throw new Error('no configuration to change');
    const architecture = { ...configuration.architecture, kind: 'ResidualEncoderUNet' as const };
    const residual = { ...plans, configurations: [{ ...configuration, architecture }] };
    expect(parsePlans(formatPlans(residual))).toEqual(residual);
  });

  it('writes a cascade as nnU-Net does, short where it is 3d_fullres, in full where it is not', () => {
    const [flat] = plans.configurations;
    if (flat === undefined) throw new Error('no configuration to change');
    const low = { ...flat, name: '3d_lowres', nextStages: ['3d_cascade_fullres'] };
    const full = { ...flat, name: '3d_fullres' };
    const cascade = { ...flat, name: '3d_cascade_fullres', previousStage: '3d_lowres' };
    const cascaded = { ...plans, configurations: [low, full, cascade] };
    const json = JSON.parse(formatPlans(cascaded)).configurations;
    expect(json['3d_lowres'].next_stage).toBe('3d_cascade_fullres');
    expect(json['3d_cascade_fullres']).toEqual({ inherits_from: '3d_fullres', previous_stage: '3d_lowres' });
    expect(parsePlans(formatPlans(cascaded))).toEqual(cascaded);

    for (const configurations of [
      [low, cascade],
      [low, full, { ...cascade, batchSize: 3 }],
    ]) {
      const other = { ...plans, configurations };
      expect(JSON.parse(formatPlans(other)).configurations['3d_cascade_fullres']).not.toHaveProperty('inherits_from');
      expect(parsePlans(formatPlans(other))).toEqual(other);
    }
  });

  it('lets what a configuration says itself win over what it inherits, from however far', () => {
    const json = JSON.parse(formatPlans(plans));
    json.configurations.larger = { inherits_from: '2d', batch_size: 99 };
    json.configurations.largest = { inherits_from: 'larger', data_identifier: 'own' };
    const largest = parsePlans(JSON.stringify(json)).configurations[2];
    expect(largest).toEqual({ ...plans.configurations[0], name: 'largest', batchSize: 99, dataIdentifier: 'own' });
  });

  it('reads several next stages', () => {
    const [flat] = parsePlans(changed('next_stage', ['a', 'b'])).configurations;
    expect(flat?.nextStages).toEqual(['a', 'b']);
    expect(parsePlans(formatPlans({ ...plans, configurations: flat ? [flat] : [] })).configurations).toEqual([flat]);
  });

  it('reads a residual encoder under its old name', () => {
    const { arch_kwargs } = JSON.parse(formatPlans(plans)).configurations['2d'].architecture;
    const { n_conv_per_stage, ...others } = arch_kwargs;
    const architecture = parseArchitecture({
      network_class_name: 'dynamic_network_architectures.architectures.residual_unet.ResidualEncoderUNet',
      arch_kwargs: { ...others, n_blocks_per_stage: n_conv_per_stage },
    });
    expect(architecture.kind).toBe('ResidualEncoderUNet');
    expect(architecture.encoderBlocksPerStage).toEqual([2, 2]);
  });

  it.each([
    { key: 'inherits_from', value: '3d_fullres', want: '2d inherits from 3d_fullres, which the plans do not have' },
    { key: 'inherits_from', value: '2d', want: '2d inherits from itself' },
    { key: 'resampling_fn_data', value: 'resample_torch_fornnunet', want: 'resampling_fn_data' },
    { key: 'normalization_schemes', value: ['MyNormalization'], want: 'normalization_schemes' },
    { key: 'patch_size', value: [16], want: 'patch_size' },
    { key: 'preprocessor_name', value: 'MyPreprocessor', want: 'preprocessor_name' },
  ])('refuses what it cannot carry out: $key $value', ({ key, value, want }) => {
    expect(() => parsePlans(changed(key, value))).toThrow(want);
  });

  it('refuses axes that are no permutation', () => {
    const json = { ...JSON.parse(formatPlans(plans)), transpose_forward: [0, 0, 1] };
    expect(() => parsePlans(JSON.stringify(json))).toThrow('expected a permutation of 0, 1, 2');
  });
});
