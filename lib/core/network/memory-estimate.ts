import { product } from '#core/geometry/axes.ts';
import type { Architecture } from '#core/planning/plans.ts';

/**
 * nnU-Net's stand-in for GPU memory: elements (channels x voxels) of all convolution outputs, for one sample.
 *
 * Encoder and decoder convolutions, transposed convolutions and the full-resolution head; deep supervision is left out,
 * and input channels do not matter. A plain 128³ network with 6 stages and 3 labels counts 452 796 416.
 *
 * @param patchSize voxels per axis; a multiple of the product of all strides.
 * @param labelEntries entries of dataset.json's `labels`, as nnU-Net counts them, which need not be the heads.
 * @see nnU-Net v2, ExperimentPlanner.static_estimate_VRAM_usage; compute_conv_feature_map_size of its blocks
 */
export function memoryEstimate(architecture: Architecture, patchSize: readonly number[], labelEntries: number): number {
  const voxels = voxelsPerStage(patchSize, architecture.strides);
  const mapSizes = architecture.featuresPerStage.map((features, stage) => features * (voxels[stage] ?? 0));
  const encoder = encoderOutputs(architecture).map((outputs, stage) => outputs * (mapSizes[stage] ?? 0));
  const deepest = mapSizes.length - 1;
  // Per level its convolutions and one transposed convolution; level 0 works on the last stage but one.
  const decoder = architecture.decoderConvolutionsPerStage.map(
    (convolutions, level) => (convolutions + 1) * (mapSizes[deepest - 1 - level] ?? 0),
  );
  return sum(encoder) + sum(decoder) + labelEntries * (voxels[0] ?? 0);
}

function voxelsPerStage(patchSize: readonly number[], strides: readonly (readonly number[])[]): number[] {
  let extent = patchSize;
  return strides.map((stride) => {
    extent = extent.map((voxels, axis) => Math.floor(voxels / (stride[axis] ?? 1)));
    return product(extent);
  });
}

/** Feature maps of a stage's size that the stage puts out on its way. */
function encoderOutputs(architecture: Architecture): readonly number[] {
  if (architecture.kind === 'PlainConvUNet') return architecture.encoderBlocksPerStage;
  const { encoderBlocksPerStage, featuresPerStage, strides } = architecture;
  return encoderBlocksPerStage.map((blocks, stage) => {
    if (stage === 0) return 2 * blocks + 1; // the stem
    const changesShape =
      featuresPerStage[stage] !== featuresPerStage[stage - 1] || (strides[stage] ?? []).some((stride) => stride > 1);
    return 2 * blocks + (changesShape ? 1 : 0); // the skip path of the first block
  });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
