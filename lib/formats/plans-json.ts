// nnU-Net's plans.json. Reads what the product can carry out and refuses the rest by name: another resampling or a
// dropout that was ignored would give other results without a word.

import * as z from 'zod';
import { type AxisPermutation, extentNet, resolutionNet, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { Architecture, ConfigurationPlan, Plans, ResamplingOptions } from '#core/planning/plans.ts';
import { formatIntensities, intensitiesJson, parseIntensities } from './fingerprint-json.ts';

const NETWORK_CLASSES = {
  PlainConvUNet: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
  ResidualEncoderUNet: 'dynamic_network_architectures.architectures.unet.ResidualEncoderUNet',
} as const;
/** How plans before 2.3 called it. */
const OLD_RESIDUAL_CLASS = 'dynamic_network_architectures.architectures.residual_unet.ResidualEncoderUNet';
const RESAMPLING_FUNCTION = 'resample_data_or_seg_to_shape';
const REQUIRES_IMPORT = ['conv_op', 'norm_op', 'dropout_op', 'nonlin'];

const triple = z.tuple([z.number(), z.number(), z.number()]);
const axisTriple = triple.refine((axes) => [...axes].sort().join() === '0,1,2', 'expected a permutation of 0, 1, 2');
const perAxis = z.array(z.number()).min(2).max(3);
const order = z.union([z.literal(0), z.literal(1), z.literal(3)]);

const resamplingJson = z.object({
  is_seg: z.boolean(),
  order,
  order_z: order,
  force_separate_z: z.boolean().nullable(),
});

const architectureJson = z.object({
  network_class_name: z.enum([NETWORK_CLASSES.PlainConvUNet, NETWORK_CLASSES.ResidualEncoderUNet, OLD_RESIDUAL_CLASS]),
  arch_kwargs: z.object({
    n_stages: z.int(),
    features_per_stage: z.array(z.int()),
    conv_op: z.enum(['torch.nn.modules.conv.Conv2d', 'torch.nn.modules.conv.Conv3d']),
    kernel_sizes: z.array(perAxis),
    strides: z.array(perAxis),
    n_conv_per_stage: z.array(z.int()).optional(),
    n_blocks_per_stage: z.array(z.int()).optional(),
    n_conv_per_stage_decoder: z.array(z.int()),
    conv_bias: z.boolean(),
    norm_op_kwargs: z.object({ eps: z.number(), affine: z.literal(true) }),
    dropout_op: z.null(),
    nonlin: z.literal('torch.nn.LeakyReLU'),
  }),
});

const configurationJson = z.object({
  previous_stage: z.string().optional(),
  next_stage: z.union([z.string(), z.array(z.string())]).optional(),
  data_identifier: z.string(),
  preprocessor_name: z.literal('DefaultPreprocessor'),
  batch_size: z.int(),
  patch_size: perAxis,
  median_image_size_in_voxels: perAxis,
  spacing: perAxis,
  normalization_schemes: z.array(
    z.enum([
      'ZScoreNormalization',
      'CTNormalization',
      'NoNormalization',
      'RescaleTo01Normalization',
      'RGBTo01Normalization',
    ]),
  ),
  use_mask_for_norm: z.array(z.boolean()),
  resampling_fn_data: z.literal(RESAMPLING_FUNCTION),
  resampling_fn_seg: z.literal(RESAMPLING_FUNCTION),
  resampling_fn_data_kwargs: resamplingJson,
  resampling_fn_seg_kwargs: resamplingJson,
  resampling_fn_probabilities: z.literal(RESAMPLING_FUNCTION),
  resampling_fn_probabilities_kwargs: resamplingJson,
  architecture: architectureJson,
  batch_dice: z.boolean(),
});

const plansJson = z.object({
  dataset_name: z.string(),
  plans_name: z.string(),
  original_median_spacing_after_transp: triple,
  original_median_shape_after_transp: triple,
  image_reader_writer: z.string(),
  transpose_forward: axisTriple,
  transpose_backward: axisTriple,
  configurations: z.record(z.string(), z.record(z.string(), z.unknown())),
  experiment_planner_used: z.string(),
  foreground_intensity_properties_per_channel: intensitiesJson,
});

/**
 * Plans as nnU-Net or this product wrote them. Keys that are not known are dropped; a configuration that inherits from
 * another gets what it does not say itself from there.
 *
 * @throws {ZodError} naming the key and what was expected. @throws {SyntaxError} if it is no JSON.
 * @throws {RangeError} for a configuration that inherits from one that is not there, or in the end from itself.
 */
export function parsePlans(text: string): Plans {
  const json = plansJson.parse(JSON.parse(text));
  return {
    datasetName: json.dataset_name,
    plansName: json.plans_name,
    planner: json.experiment_planner_used,
    imageReaderWriter: json.image_reader_writer,
    originalMedianSpacing: spacingNet(...json.original_median_spacing_after_transp),
    originalMedianShape: shapeNet(...json.original_median_shape_after_transp),
    transposeForward: json.transpose_forward as AxisPermutation,
    transposeBackward: json.transpose_backward as AxisPermutation,
    configurations: Object.keys(json.configurations).map((name) => parseConfiguration(name, json.configurations)),
    foregroundIntensities: parseIntensities(json.foreground_intensity_properties_per_channel),
  };
}

type WrittenConfigurations = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function parseConfiguration(name: string, all: WrittenConfigurations): ConfigurationPlan {
  const parsed = configurationJson.safeParse(inFull(name, all));
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ ...issue, path: ['configurations', name, ...issue.path] }));
    throw new z.ZodError(issues);
  }
  const json = parsed.data;
  return {
    name,
    dataIdentifier: json.data_identifier,
    batchSize: json.batch_size,
    patchSize: extentNet(json.patch_size),
    medianImageSize: json.median_image_size_in_voxels,
    spacing: resolutionNet(json.spacing),
    normalizationSchemes: json.normalization_schemes,
    useMaskForNorm: json.use_mask_for_norm,
    resampleImage: parseResampling(json.resampling_fn_data_kwargs),
    resampleSegmentation: parseResampling(json.resampling_fn_seg_kwargs),
    resampleProbabilities: parseResampling(json.resampling_fn_probabilities_kwargs),
    architecture: toArchitecture(json.architecture),
    batchDice: json.batch_dice,
    previousStage: json.previous_stage ?? null,
    nextStages: [json.next_stage ?? []].flat(),
  };
}

/** A configuration with what it inherits; its own values win. */
function inFull(name: string, all: WrittenConfigurations, heirs: readonly string[] = []): Record<string, unknown> {
  const written = all[name];
  const heir = heirs.at(-1);
  if (!written) throw new RangeError(`configuration ${heir} inherits from ${name}, which the plans do not have`);
  if (heirs.includes(name)) throw new RangeError(`configuration ${name} inherits from itself, by ${heirs.join(', ')}`);
  const { inherits_from: parent, ...own } = written;
  return typeof parent === 'string' ? { ...inFull(parent, all, [...heirs, name]), ...own } : own;
}

const parseResampling = (json: z.infer<typeof resamplingJson>): ResamplingOptions => ({
  isSegmentation: json.is_seg,
  order: json.order,
  orderZ: json.order_z,
  forceSeparateZ: json.force_separate_z,
});

/** The `architecture` object of one configuration. @throws {ZodError} naming the key and what was expected. */
export const parseArchitecture = (json: unknown): Architecture => toArchitecture(architectureJson.parse(json));

function toArchitecture({ network_class_name, arch_kwargs }: z.infer<typeof architectureJson>): Architecture {
  const plain = network_class_name === NETWORK_CLASSES.PlainConvUNet;
  return {
    kind: plain ? 'PlainConvUNet' : 'ResidualEncoderUNet',
    dimensions: arch_kwargs.conv_op.endsWith('3d') ? 3 : 2,
    featuresPerStage: arch_kwargs.features_per_stage,
    kernelSizes: arch_kwargs.kernel_sizes,
    strides: arch_kwargs.strides,
    encoderBlocksPerStage: (plain ? arch_kwargs.n_conv_per_stage : arch_kwargs.n_blocks_per_stage) ?? [],
    decoderConvolutionsPerStage: arch_kwargs.n_conv_per_stage_decoder,
    convolutionBias: arch_kwargs.conv_bias,
    normEpsilon: arch_kwargs.norm_op_kwargs.eps,
  };
}

/** Plans with nnU-Net's keys in nnU-Net's order, four spaces deep: nnU-Net trains and predicts from the file. */
export function formatPlans(plans: Plans): string {
  const json = {
    dataset_name: plans.datasetName,
    plans_name: plans.plansName,
    original_median_spacing_after_transp: plans.originalMedianSpacing,
    original_median_shape_after_transp: plans.originalMedianShape,
    image_reader_writer: plans.imageReaderWriter,
    transpose_forward: plans.transposeForward,
    transpose_backward: plans.transposeBackward,
    configurations: Object.fromEntries(plans.configurations.map((plan) => [plan.name, formatWritten(plan, plans)])),
    experiment_planner_used: plans.planner,
    label_manager: 'LabelManager',
    foreground_intensity_properties_per_channel: formatIntensities(plans.foregroundIntensities),
  };
  return JSON.stringify(json, null, 4);
}

/** As nnU-Net writes it: a cascade that is 3d_fullres but for its previous stage says only that. */
function formatWritten(plan: ConfigurationPlan, { configurations }: Plans): object {
  const { previousStage } = plan;
  const parent = configurations.find(({ name }) => name === '3d_fullres');
  if (previousStage === null || parent === undefined) return formatConfiguration(plan);
  const inherited = formatConfiguration({ ...parent, previousStage });
  if (JSON.stringify(inherited) !== JSON.stringify(formatConfiguration(plan))) return formatConfiguration(plan);
  return { inherits_from: parent.name, previous_stage: previousStage };
}

const formatConfiguration = (plan: ConfigurationPlan): z.input<typeof configurationJson> => ({
  data_identifier: plan.dataIdentifier,
  preprocessor_name: 'DefaultPreprocessor',
  batch_size: plan.batchSize,
  patch_size: [...plan.patchSize],
  median_image_size_in_voxels: [...plan.medianImageSize],
  spacing: [...plan.spacing],
  normalization_schemes: [...plan.normalizationSchemes],
  use_mask_for_norm: [...plan.useMaskForNorm],
  resampling_fn_data: RESAMPLING_FUNCTION,
  resampling_fn_seg: RESAMPLING_FUNCTION,
  resampling_fn_data_kwargs: formatResampling(plan.resampleImage),
  resampling_fn_seg_kwargs: formatResampling(plan.resampleSegmentation),
  resampling_fn_probabilities: RESAMPLING_FUNCTION,
  resampling_fn_probabilities_kwargs: formatResampling(plan.resampleProbabilities),
  architecture: formatArchitecture(plan.architecture),
  batch_dice: plan.batchDice,
  ...(plan.previousStage !== null && { previous_stage: plan.previousStage }),
  ...(plan.nextStages.length > 0 && { next_stage: oneOrAll(plan.nextStages) }),
});

const oneOrAll = (names: readonly string[]): string | string[] => {
  const [only, ...others] = names;
  return only !== undefined && others.length === 0 ? only : [...names];
};

const formatResampling = (options: ResamplingOptions): z.input<typeof resamplingJson> => ({
  is_seg: options.isSegmentation,
  order: options.order,
  order_z: options.orderZ,
  force_separate_z: options.forceSeparateZ,
});

function formatArchitecture(architecture: Architecture) {
  const { kind, dimensions, encoderBlocksPerStage: blocks } = architecture;
  return {
    network_class_name: NETWORK_CLASSES[kind],
    arch_kwargs: {
      n_stages: architecture.featuresPerStage.length,
      features_per_stage: [...architecture.featuresPerStage],
      conv_op: `torch.nn.modules.conv.Conv${dimensions}d` as const,
      kernel_sizes: architecture.kernelSizes.map((kernel) => [...kernel]),
      strides: architecture.strides.map((stride) => [...stride]),
      ...(kind === 'PlainConvUNet' ? { n_conv_per_stage: [...blocks] } : { n_blocks_per_stage: [...blocks] }),
      n_conv_per_stage_decoder: [...architecture.decoderConvolutionsPerStage],
      conv_bias: architecture.convolutionBias,
      norm_op: `torch.nn.modules.instancenorm.InstanceNorm${dimensions}d`,
      norm_op_kwargs: { eps: architecture.normEpsilon, affine: true as const },
      dropout_op: null,
      dropout_op_kwargs: null,
      nonlin: 'torch.nn.LeakyReLU' as const,
      nonlin_kwargs: { inplace: true },
    },
    _kw_requires_import: REQUIRES_IMPORT,
  };
}
