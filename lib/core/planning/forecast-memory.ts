import { product } from '#core/geometry/axes.ts';
import { memoryEstimate } from '#core/network/memory-estimate.ts';
import type { ConfigurationPlan, Plans } from './plans.ts';

/**
 * Of an activation and its gradient. nnU-Net's reference, two samples of 560 million elements each in 8 GiB, comes to
 * 7.7 bytes per element in mixed precision; float32 takes twice that.
 */
const BYTES_PER_ELEMENT = 16;

/**
 * Memory that a training in float32 holds on its device, in bytes, by forecast: the plans' own estimate of a sample times
 * the batch.
 *
 * @param labelEntries as for `memoryEstimate`.
 */
export const trainingBytes = (
  { architecture, patchSize, batchSize }: Pick<ConfigurationPlan, 'architecture' | 'patchSize' | 'batchSize'>,
  labelEntries: number,
): number => memoryEstimate(architecture, patchSize, labelEntries) * batchSize * BYTES_PER_ELEMENT;

/** Logits of the median case in float32, in bytes, on the largest grid that it is predicted on. */
export function caseBytes(
  { originalMedianShape, configurations }: Pick<Plans, 'originalMedianShape' | 'configurations'>,
  heads: number,
): number {
  const grids = [originalMedianShape, ...configurations.map(({ medianImageSize }) => medianImageSize)];
  return Math.ceil(Math.max(...grids.map(product))) * heads * Float32Array.BYTES_PER_ELEMENT;
}
