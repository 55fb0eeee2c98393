// From what a network says to labels. Scores are (heads, ...space) in C order.

import type { LabelScheme } from './labels.ts';

/**
 * Labels of probabilities. Without regions the class of the highest, the lowest class where several are highest. With
 * regions the class of the last region whose probability exceeds 0.5, so that enclosing regions are declared first; 0
 * where none does.
 *
 * @throws {RangeError} if the scores are not whole channels, or a label does not fit a byte.
 * @see nnU-Net v2, LabelManager.convert_probabilities_to_segmentation
 */
export const labelMap = (probabilities: Float32Array, labels: LabelScheme): Uint8Array<ArrayBuffer> =>
  labels.classOrder === null
    ? argMax(probabilities, labels.heads)
    : lastExceeding(probabilities, labels.classOrder, (probability) => probability > 0.5);

/** As `labelMap` on logits: a softmax would not change which is highest, a sigmoid is taken for regions. */
export const labelMapOfLogits = (logits: Float32Array, labels: LabelScheme): Uint8Array<ArrayBuffer> =>
  labels.classOrder === null
    ? argMax(logits, labels.heads)
    : lastExceeding(logits, labels.classOrder, (logit) => sigmoid(logit) > 0.5);

/** In float32, in which a logit just above 0 is still no more than 0.5. */
export const sigmoid = (logit: number): number => Math.fround(1 / (1 + Math.exp(-logit)));

/**
 * Per voxel the class of the highest score; the lowest class where several are highest.
 *
 * @param scores logits or probabilities, (heads, ...space).
 * @param heads 1..256, so that a class fits a byte.
 * @throws {RangeError} if the scores are not whole channels or there are too many.
 */
export function argMax(scores: Float32Array, heads: number): Uint8Array<ArrayBuffer> {
  const voxels = voxelsOf(scores, heads);
  const winner = new Uint8Array(voxels);
  const highest = scores.slice(0, voxels);
  for (let head = 1; head < heads; head++) {
    const channel = scores.subarray(head * voxels, (head + 1) * voxels);
    for (let i = 0; i < voxels; i++) {
      if ((channel[i] as number) <= (highest[i] as number)) continue;
      highest[i] = channel[i] as number;
      winner[i] = head;
    }
  }
  return winner;
}

function lastExceeding(
  scores: Float32Array,
  classOrder: readonly number[],
  exceeds: (score: number) => boolean,
): Uint8Array<ArrayBuffer> {
  const voxels = voxelsOf(scores, classOrder.length);
  const labels = new Uint8Array(voxels);
  for (const [region, label] of classOrder.entries())
    overwriteWhere(labels, label, scores.subarray(region * voxels), exceeds);
  return labels;
}

/** Writes one region's label over those before it. @param scores of this region, one per label, then whatever follows. */
export function overwriteWhere(
  labels: Uint8Array,
  label: number,
  scores: Float32Array,
  exceeds: (score: number) => boolean,
): void {
  for (let i = 0; i < labels.length; i++) if (exceeds(scores[i] as number)) labels[i] = label;
}

function voxelsOf(scores: Float32Array, heads: number): number {
  if (!(Number.isInteger(heads) && heads >= 1 && heads <= 256))
    throw new RangeError(`expected 1 to 256 classes, got ${heads}`);
  const voxels = scores.length / heads;
  if (Number.isInteger(voxels)) return voxels;
  throw new RangeError(`${scores.length} scores are not whole channels of ${heads} classes`);
}
