import type { Tensor } from '#core/network/tensor.ts';
import type { Target } from './dice-cross-entropy.ts';
import type { VoxelCounts } from './pseudo-dice.ts';

/**
 * Right and wrong voxels of a hard prediction (the head of the highest logit, the first of several), over the batch.
 *
 * @param logits (N, heads, ...spatial)
 */
export function confusionCounts(logits: Tensor, target: Target): VoxelCounts {
  const [samples = 0, heads = 0] = logits.shape;
  const voxels = target.data.length / samples;
  const zeros = (): number[] => Array<number>(heads).fill(0);
  const counts = { truePositives: zeros(), falsePositives: zeros(), falseNegatives: zeros() };
  for (const [voxel, label] of target.data.entries()) {
    const first = Math.floor(voxel / voxels) * heads * voxels + (voxel % voxels);
    const predicted = highestHead(logits.data, first, heads, voxels);
    if (predicted === label) addOne(counts.truePositives, label);
    else {
      addOne(counts.falsePositives, predicted);
      addOne(counts.falseNegatives, label);
    }
  }
  return counts;
}

function highestHead(logits: Float32Array, first: number, heads: number, stride: number): number {
  let best = 0;
  for (let head = 1; head < heads; head++)
    if ((logits[first + head * stride] ?? 0) > (logits[first + best * stride] ?? 0)) best = head;
  return best;
}

function addOne(counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1;
}
