// How the probabilities of several members become one segmentation. Soft voting is nnU-Net's; hard voting is ours.
// All arrays are (heads, ...space) in C order, on one grid, the members in the order of the ensemble.

import type { LabelScheme } from '#core/dataset/labels.ts';

/** How members are joined: `soft`, the mean of their probabilities; `hard`, the single most certain member decides. */
export type Voting = 'soft' | 'hard';

/**
 * Mean of the members' probabilities, in float32: added up in the members' order, then divided by their number.
 *
 * @see nnU-Net v2, ensembling/ensemble.py, average_probabilities
 */
function meanProbabilities(members: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mean = accumulate(members, (sum, next) => sum + next);
  // A division, not a product with the reciprocal: the two differ in the last bit.
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) / members.length;
  return mean;
}

/** Per class and voxel the highest probability of any member. The classes of a voxel do not sum to 1. */
const highestProbabilities = (members: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  accumulate(members, (highest, next) => (next > highest ? next : highest));

/** Per region and voxel the probability farthest from 0.5; of two equally far ones the lower, so a tie is background. */
const surestProbabilities = (members: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  accumulate(members, (surest, next) => {
    const lead = Math.abs(next - 0.5) - Math.abs(surest - 0.5);
    return lead > 0 || (lead === 0 && next < surest) ? next : surest;
  });

/**
 * The joined probabilities, whose `labelMap` is the vote.
 *
 * Soft: the mean. Hard: the single most certain member decides, per class the highest probability, per region the one
 * farthest from 0.5.
 *
 * @throws {RangeError} without a member, or for members of different size.
 */
export function joinProbabilities(
  voting: Voting,
  members: readonly Float32Array[],
  { classOrder }: Pick<LabelScheme, 'classOrder'>,
): Float32Array<ArrayBuffer> {
  if (voting === 'soft') return meanProbabilities(members);
  return classOrder === null ? highestProbabilities(members) : surestProbabilities(members);
}

function accumulate(
  members: readonly Float32Array[],
  join: (joined: number, next: number) => number,
): Float32Array<ArrayBuffer> {
  const [first, ...others] = members;
  if (first === undefined) throw new RangeError('an ensemble needs at least one member, got none');
  const joined = Float32Array.from(first);
  for (const member of others) {
    if (member.length !== joined.length)
      throw new RangeError(`members differ in size: expected ${joined.length} probabilities, got ${member.length}`);
    for (let i = 0; i < joined.length; i++) joined[i] = join(joined[i] as number, member[i] as number);
  }
  return joined;
}
