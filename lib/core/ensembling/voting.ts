// How the probabilities of several members become one segmentation. Soft voting is nnU-Net's; hard voting is ours.
// All arrays are (heads, ...space) in C order, on one grid, the members in the order of the ensemble.

/** How members are joined: `soft`, the mean of their probabilities; `hard`, the single most certain member decides. */
export type Voting = 'soft' | 'hard';

/**
 * Mean of the members' probabilities, in float32: added up in the members' order, then divided by their number.
 *
 * @see nnU-Net v2, ensembling/ensemble.py, average_probabilities
 */
export function meanProbabilities(members: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mean = accumulate(members, (sum, next) => sum + next);
  // A division, not a product with the reciprocal: the two differ in the last bit.
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) / members.length;
  return mean;
}

/** Per class and voxel the highest probability of any member. The classes of a voxel do not sum to 1. */
export const highestProbabilities = (members: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  accumulate(members, (highest, next) => (next > highest ? next : highest));

/** The joined probabilities whose `argMax` is the vote. */
export const joinProbabilities = (voting: Voting, members: readonly Float32Array[]): Float32Array<ArrayBuffer> =>
  voting === 'soft' ? meanProbabilities(members) : highestProbabilities(members);

/**
 * Per voxel the class of the highest score; the lowest class where several are highest.
 *
 * @param scores logits or probabilities, (heads, ...space).
 * @param heads 1..256, so that a class fits a byte.
 * @throws {RangeError} if the scores are not whole channels or there are too many.
 */
export function argMax(scores: Float32Array, heads: number): Uint8Array<ArrayBuffer> {
  if (!(Number.isInteger(heads) && heads >= 1 && heads <= 256))
    throw new RangeError(`expected 1 to 256 classes, got ${heads}`);
  const voxels = scores.length / heads;
  if (!Number.isInteger(voxels))
    throw new RangeError(`${scores.length} scores are not whole channels of ${heads} classes`);
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
