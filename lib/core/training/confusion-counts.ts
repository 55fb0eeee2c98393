import type { Tensor } from '#core/network/tensor.ts';
import type { Target } from './dice-cross-entropy.ts';
import type { TargetLabels } from './loss-options.ts';
import type { VoxelCounts } from './pseudo-dice.ts';
import { targetReader } from './target-reader.ts';

/**
 * Right and wrong voxels of a hard prediction per head, over the batch.
 *
 * Predicted is the head of the highest logit, the first of several; with regions, every head whose logit is above 0.
 *
 * @param logits (N, heads, ...spatial)
 */
export function confusionCounts(logits: Tensor, target: Target, labels: TargetLabels): VoxelCounts {
  const [samples = 0, heads = 0] = logits.shape;
  const voxels = target.data.length / samples;
  const reader = targetReader(labels, heads);
  const zeros = (): number[] => Array<number>(heads).fill(0);
  const counts = { truePositives: zeros(), falsePositives: zeros(), falseNegatives: zeros() };
  for (const [voxel, label] of target.data.entries()) {
    if (!reader.counts(label)) continue;
    const first = Math.floor(voxel / voxels) * heads * voxels + (voxel % voxels);
    const highest = reader.exclusive ? highestHead(logits.data, first, heads, voxels) : -1;
    for (let head = 0; head < heads; head++) {
      const predicted = reader.exclusive ? head === highest : (logits.data[first + head * voxels] ?? 0) > 0;
      const isIn = reader.isIn(label, head) === 1;
      if (predicted && isIn) addOne(counts.truePositives, head);
      else if (predicted) addOne(counts.falsePositives, head);
      else if (isIn) addOne(counts.falseNegatives, head);
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
