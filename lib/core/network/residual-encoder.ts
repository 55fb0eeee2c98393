import type { Architecture } from '#core/planning/plans.ts';
import type { NodeId } from './graph.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { at, convolutionAndNorm, convolutionBlocks, rectified, unitStride } from './u-net.ts';

/**
 * A stem, then stages of residual blocks. The encoder of nnU-Net's `ResidualEncoderUNet`.
 *
 * @see dynamic-network-architectures, building_blocks/residual_encoders.py and residual.py, BasicBlockD
 */
export function residualEncoder(builder: GraphBuilder, architecture: Architecture, input: NodeId): NodeId[] {
  const ones = unitStride(architecture);
  const stem = { part: 'encoder', prefix: 'encoder.stem', stage: 0, count: 1, firstStride: ones } as const;
  const skips: NodeId[] = [];
  let from = convolutionBlocks(builder, architecture, input, stem);
  architecture.encoderBlocksPerStage.forEach((count, stage) => {
    for (let i = 0; i < count; i++) {
      const stride = i === 0 ? at(architecture.strides, stage) : ones;
      from = residualBlock(builder, architecture, from, { name: `encoder.stages.${stage}.blocks.${i}`, stage, stride });
    }
    skips.push(from);
  });
  return skips;
}

interface Block {
  /** state_dict prefix. */
  readonly name: string;
  readonly stage: number;
  readonly stride: readonly number[];
}

/**
 * leaky ReLU of the block's input plus what two convolutions make of it.
 *
 * The second norm starts with weight 0, so that a new block only hands its input on.
 */
function residualBlock(builder: GraphBuilder, architecture: Architecture, input: NodeId, block: Block): NodeId {
  const { name, stage, stride } = block;
  const place = { part: 'encoder', stage } as const;
  const first = convolutionAndNorm(builder, architecture, input, { ...place, name: `${name}.conv1`, stride });
  const second = convolutionAndNorm(builder, architecture, rectified(builder, first), {
    ...place,
    name: `${name}.conv2`,
    stride: unitStride(architecture),
    scale: 0,
  });
  return rectified(builder, builder.add(second, skipPath(builder, architecture, input, block)));
}

/** The block's input in the shape of its output: averaged where it strides, projected where it changes channels. */
function skipPath(
  builder: GraphBuilder,
  architecture: Architecture,
  input: NodeId,
  { name, stage, stride }: Block,
): NodeId {
  const strides = stride.some((step) => step !== 1);
  const from = strides ? builder.averagePool(input, stride) : input;
  const channels = at(architecture.featuresPerStage, stage);
  if (builder.channelsOf(from) === channels) return from;
  // nnU-Net lists the pooling, which has no parameters, as entry 0.
  const place = { part: 'encoder', name: `${name}.skip.${strides ? 1 : 0}` } as const;
  const ones = unitStride(architecture);
  const shape = { channels, kernel: ones, stride: ones, bias: false };
  const projected = builder.convolution(from, { ...place, name: `${place.name}.conv` }, shape);
  return builder.instanceNorm(projected, { ...place, name: `${place.name}.norm` }, architecture.normEpsilon);
}
