// From a 3d_lowres prediction to what the cascade's second stage learns from: a label map on the second stage's grid.

import { product, type Shape, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { configurationSpacing } from '#core/preprocessing/preprocess-case.ts';
import type { CropAndResampleRecord } from '#core/preprocessing/preprocessed-case.ts';
import { resampleChannel, resampledShape } from '#core/preprocessing/resampling.ts';

/** The resampled logits of one case, on the grid that its arrays have in the next stage. */
export interface NextStageLogits {
  /** Of the next stage's preprocessed case, network order. */
  readonly shape: Shape<'net'>;
  /** (heads, ...shape) */
  readonly logits: Float32Array;
}

/**
 * Logits of a stage on the grid of the next one's preprocessed case.
 *
 * Whether slices are resampled by themselves follows from the first stage's spacing alone, as nnU-Net has it.
 *
 * @param logits (heads, ...net) on the first stage's preprocessed grid.
 * @param record of either stage's preprocessing: both crop alike.
 * @see nnU-Net v2, training/nnUNetTrainer/nnUNetTrainer.py, perform_actual_validation (predicted_next_stage)
 */
export function nextStageLogits(
  logits: Tensor,
  record: Pick<CropAndResampleRecord, 'shapeAfterCropping' | 'spacingBefore'>,
  stage: Pick<ConfigurationPlan, 'spacing' | 'resampleProbabilities'>,
  next: Pick<ConfigurationPlan, 'spacing'>,
): NextStageLogits {
  const [heads = 0, a = 0, b = 0, c = 0] = logits.shape;
  if (logits.shape.length !== 4 || heads < 1)
    throw new RangeError(`expected logits (heads, ...net), got ${logits.shape.join(' x ')}`);
  const before = spacingNet(...record.spacingBefore);
  const toShape = resampledShape(shapeNet(...record.shapeAfterCropping), before, configurationSpacing(before, next));
  const spacing = configurationSpacing(before, stage);
  const change = { fromShape: shapeNet(a, b, c), fromSpacing: spacing, toShape, toSpacing: spacing };
  const [from, to] = [a * b * c, product(toShape)];
  const resampled = new Float32Array(heads * to);
  for (let head = 0; head < heads; head++) {
    const channel = logits.data.subarray(head * from, (head + 1) * from);
    resampled.set(resampleChannel(channel, change, stage.resampleProbabilities), head * to);
  }
  return { shape: toShape, logits: resampled };
}
