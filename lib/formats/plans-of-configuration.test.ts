import { describe, expect, it } from 'vitest';
import { parsePlansOf } from './plans-of-configuration.ts';

const resampling = (order: number, is_seg: boolean) => ({ is_seg, order, order_z: 0, force_separate_z: null });

const FULL = {
  data_identifier: 'nnUNetPlans_3d_fullres',
  preprocessor_name: 'DefaultPreprocessor',
  batch_size: 2,
  patch_size: [16, 16, 8],
  median_image_size_in_voxels: [16, 16, 8],
  spacing: [1, 1, 2],
  normalization_schemes: ['CTNormalization'],
  use_mask_for_norm: [false],
  resampling_fn_data: 'resample_data_or_seg_to_shape',
  resampling_fn_seg: 'resample_data_or_seg_to_shape',
  resampling_fn_data_kwargs: resampling(3, false),
  resampling_fn_seg_kwargs: resampling(1, true),
  resampling_fn_probabilities: 'resample_data_or_seg_to_shape',
  resampling_fn_probabilities_kwargs: resampling(1, false),
  batch_dice: false,
  UNet_class_name: 'PlainConvUNet',
  UNet_base_num_features: 32,
  unet_max_num_features: 48,
  n_conv_per_stage_encoder: [2, 2],
  n_conv_per_stage_decoder: [2],
  num_pool_per_axis: [1, 1, 0],
  pool_op_kernel_sizes: [
    [1, 1, 1],
    [2, 2, 1],
  ],
  conv_kernel_sizes: [
    [3, 3, 3],
    [3, 3, 3],
  ],
};

const statistics = { max: 1, mean: 0, median: 0, min: -1, percentile_00_5: -1, percentile_99_5: 1, std: 1 };

/** Plans as nnU-Net 2.0 wrote them, with configurations of our choice. */
const plansWith = (configurations: object) =>
  JSON.stringify({
    dataset_name: 'Dataset001_Old',
    plans_name: 'nnUNetPlans',
    original_median_spacing_after_transp: [1, 1, 2],
    original_median_shape_after_transp: [16, 16, 8],
    image_reader_writer: 'SimpleITKIO',
    transpose_forward: [0, 1, 2],
    transpose_backward: [0, 1, 2],
    configurations,
    experiment_planner_used: 'ExperimentPlanner',
    label_manager: 'LabelManager',
    foreground_intensity_properties_by_modality: { '0': statistics },
  });

describe('parsePlansOf', () => {
  it('reads the topology that plans had before they described an architecture', () => {
    const { configurations, foregroundIntensities } = parsePlansOf(plansWith({ '3d_fullres': FULL }), '3d_fullres');
    expect(foregroundIntensities[0]?.std).toBe(1);
    expect(configurations.map(({ name }) => name)).toEqual(['3d_fullres']);
    expect(configurations[0]?.architecture).toMatchObject({
      kind: 'PlainConvUNet',
      dimensions: 3,
      featuresPerStage: [32, 48],
      strides: FULL.pool_op_kernel_sizes,
      kernelSizes: FULL.conv_kernel_sizes,
      encoderBlocksPerStage: [2, 2],
      decoderConvolutionsPerStage: [2],
    });
  });

  it('reads an old residual network', () => {
    const residual = { ...FULL, UNet_class_name: 'ResidualEncoderUNet', n_conv_per_stage_encoder: [1, 3] };
    const [plan] = parsePlansOf(plansWith({ '3d_fullres': residual }), '3d_fullres').configurations;
    expect(plan?.architecture).toMatchObject({ kind: 'ResidualEncoderUNet', encoderBlocksPerStage: [1, 3] });
  });

  it('writes out what a configuration inherits, also over two generations; its own keys win', () => {
    const text = plansWith({
      mine: { inherits_from: 'larger', batch_size: 9 },
      larger: { inherits_from: '3d_fullres', batch_size: 5, patch_size: [32, 32, 8] },
      '3d_fullres': FULL,
    });
    const [plan] = parsePlansOf(text, 'mine').configurations;
    expect(plan).toMatchObject({ name: 'mine', batchSize: 9, patchSize: [32, 32, 8], spacing: FULL.spacing });
  });

  it('does not look at other configurations', () => {
    const text = plansWith({ '3d_fullres': FULL, strange: { preprocessor_name: 'Mine' } });
    expect(parsePlansOf(text, '3d_fullres').configurations.length).toBe(1);
    expect(() => parsePlansOf(text, 'strange')).toThrow('preprocessor_name');
  });

  it('refuses a configuration that is not there, and one that inherits from itself', () => {
    expect(() => parsePlansOf(plansWith({ '2d': FULL }), '3d_fullres')).toThrow(
      'no configuration 3d_fullres; it has 2d',
    );
    const circle = plansWith({ a: { inherits_from: 'b' }, b: { inherits_from: 'a' } });
    expect(() => parsePlansOf(circle, 'a')).toThrow('in a circle: a → b → a');
  });

  it('takes the stages that a configuration builds on, first stage first', () => {
    const text = plansWith({
      '2d': { strange: true },
      '3d_fullres': FULL,
      '3d_cascade_fullres': { inherits_from: '3d_fullres', previous_stage: '3d_lowres' },
      '3d_lowres': { ...FULL, next_stage: '3d_cascade_fullres' },
    });
    const { configurations } = parsePlansOf(text, '3d_cascade_fullres');
    expect(configurations.map(({ name, previousStage }) => [name, previousStage])).toEqual([
      ['3d_lowres', null],
      ['3d_cascade_fullres', '3d_lowres'],
    ]);
  });

  it('refuses stages that build on each other', () => {
    const text = plansWith({ a: { ...FULL, previous_stage: 'b' }, b: { ...FULL, previous_stage: 'a' } });
    expect(() => parsePlansOf(text, 'a')).toThrow('configurations build on each other: a → b → a');
  });

  it('refuses a network that was never one of nnU-Net’s', () => {
    const other = { ...FULL, UNet_class_name: 'Transformer' };
    expect(() => parsePlansOf(plansWith({ a: other }), 'a')).toThrow('UNet_class_name');
  });
});
