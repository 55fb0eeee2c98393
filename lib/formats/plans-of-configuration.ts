// One configuration out of a plans.json, in today's form: what it inherits written out, and what plans before nnU-Net
// 2.3 said in other words.

import * as z from 'zod';
import type { Plans } from '#core/planning/plans.ts';
import { stagesOf } from '#core/planning/stages.ts';
import { parsePlans } from './plans-json.ts';

type Json = Readonly<Record<string, unknown>>;

const plansJson = z.looseObject({ configurations: z.record(z.string(), z.record(z.string(), z.unknown())) });

const oldTopology = z.object({
  UNet_class_name: z.enum(['PlainConvUNet', 'ResidualEncoderUNet']),
  UNet_base_num_features: z.int(),
  unet_max_num_features: z.int(),
  n_conv_per_stage_encoder: z.array(z.int()),
  n_conv_per_stage_decoder: z.array(z.int()),
  pool_op_kernel_sizes: z.array(z.unknown()),
  conv_kernel_sizes: z.array(z.unknown()),
  patch_size: z.array(z.int()).min(2).max(3),
});

/**
 * Plans with the one configuration that is asked for, and before it the stages that it builds on. Others are not looked
 * at, so they may be of a kind that is not read.
 *
 * @throws {ZodError} naming the key and what was expected. @throws {SyntaxError} if it is no JSON.
 * @throws {RangeError} when the plans lack the configuration, one that it inherits from or one that it builds on, or when
 *   these lead in a circle.
 */
export function parsePlansOf(text: string, configuration: string): Plans {
  const json = plansJson.parse(JSON.parse(text));
  const resolved = (name: string) => withArchitecture(inherited(json.configurations, name, []));
  const stages = stagesOf(configuration, (name) => previousStageOf(resolved(name)));
  // The oldest plans of v2 named channels by modality.
  const foreground_intensity_properties_per_channel =
    json.foreground_intensity_properties_per_channel ?? json.foreground_intensity_properties_by_modality;
  const today = {
    ...json,
    foreground_intensity_properties_per_channel,
    configurations: Object.fromEntries(stages.map((name) => [name, resolved(name)])),
  };
  return parsePlans(JSON.stringify(today));
}

const previousStageOf = ({ previous_stage: previous }: Json): string | null =>
  typeof previous === 'string' ? previous : null;

/** A configuration over what it inherits from; its own keys win. */
function inherited(configurations: Readonly<Record<string, Json>>, name: string, heirs: readonly string[]): Json {
  const own = Object.hasOwn(configurations, name) ? configurations[name] : undefined;
  if (own === undefined)
    throw new RangeError(
      `plans.json has no configuration ${name}; it has ${Object.keys(configurations).join(', ') || 'none'}`,
    );
  if (heirs.includes(name)) throw new RangeError(`configurations inherit in a circle: ${[...heirs, name].join(' → ')}`);
  const { inherits_from: parent, ...rest } = own;
  return typeof parent === 'string' ? { ...inherited(configurations, parent, [...heirs, name]), ...rest } : rest;
}

function withArchitecture(configuration: Json): Json {
  if ('architecture' in configuration || !('UNet_class_name' in configuration)) return configuration;
  const old = oldTopology.parse(configuration);
  const dimensions = old.patch_size.length;
  const blocks = old.UNet_class_name === 'PlainConvUNet' ? 'n_conv_per_stage' : 'n_blocks_per_stage';
  const arch_kwargs = {
    n_stages: old.n_conv_per_stage_encoder.length,
    features_per_stage: old.n_conv_per_stage_encoder.map((_, stage) =>
      Math.min(old.UNet_base_num_features * 2 ** stage, old.unet_max_num_features),
    ),
    conv_op: `torch.nn.modules.conv.Conv${dimensions}d`,
    kernel_sizes: old.conv_kernel_sizes,
    strides: old.pool_op_kernel_sizes,
    [blocks]: old.n_conv_per_stage_encoder,
    n_conv_per_stage_decoder: old.n_conv_per_stage_decoder,
    conv_bias: true,
    norm_op_kwargs: { eps: 1e-5, affine: true },
    dropout_op: null,
    nonlin: 'torch.nn.LeakyReLU',
  };
  const network_class_name = `dynamic_network_architectures.architectures.unet.${old.UNet_class_name}`;
  return { ...configuration, architecture: { network_class_name, arch_kwargs } };
}
