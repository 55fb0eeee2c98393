import type { Architecture } from '#core/planning/plans.ts';
import type { NetworkGraph } from './graph.ts';
import { plainConvEncoder } from './plain-conv-encoder.ts';
import { residualEncoder } from './residual-encoder.ts';
import { type Encoder, uNet } from './u-net.ts';

/** To see which networks can be built, read this. */
const encoders: Readonly<Record<Architecture['kind'], Encoder>> = {
  PlainConvUNet: plainConvEncoder,
  ResidualEncoderUNet: residualEncoder,
};

/**
 * The network of an architecture as a graph: operations, parameter names and shapes, no numbers.
 *
 * @param inputChannels image channels.
 * @param heads output channels of each segmentation head, background included.
 * @throws {RangeError} for an architecture that cannot be built: fewer than two stages, lists of unequal length, or
 *   an even kernel.
 */
export function buildNetwork(architecture: Architecture, inputChannels: number, heads: number): NetworkGraph {
  checkArchitecture(architecture);
  return uNet(architecture, inputChannels, heads, encoders[architecture.kind]);
}

function checkArchitecture(architecture: Architecture): void {
  const stages = architecture.featuresPerStage.length;
  if (stages < 2) throw new RangeError(`a U-Net needs at least 2 stages, got ${stages}`);
  const lengths = {
    kernelSizes: stages,
    strides: stages,
    encoderBlocksPerStage: stages,
    decoderConvolutionsPerStage: stages - 1,
  };
  for (const [name, expected] of Object.entries(lengths)) {
    const length = architecture[name as keyof typeof lengths].length;
    if (length !== expected)
      throw new RangeError(`${name} must have ${expected} entries for ${stages} stages, got ${length}`);
  }
  for (const extent of [...architecture.kernelSizes, ...architecture.strides]) {
    if (extent.length === architecture.dimensions) continue;
    throw new RangeError(`kernels and strides must have ${architecture.dimensions} axes, got [${extent}]`);
  }
  const evenKernel = architecture.kernelSizes.find((kernel) => kernel.some((extent) => extent % 2 === 0));
  if (evenKernel) throw new RangeError(`kernels must be odd so that padding can be symmetric, got [${evenKernel}]`);
}
