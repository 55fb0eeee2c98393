/**
 * The sets of axes to flip a tile along, the unflipped tile first: none, then one axis, then pairs, then all three.
 * For three axes 8 sets, for two 4. The prediction is the mean of the logits over all of them, each flipped back.
 *
 * @param axes ascending.
 * @see nnU-Net v2, inference/predict_from_raw_data.py, _internal_maybe_mirror_and_predict
 */
export function mirrorSubsets(axes: readonly number[]): number[][] {
  const subsets: number[][] = [[]];
  for (const axis of axes) subsets.push(...subsets.map((subset) => [...subset, axis]));
  // Sets of equal size in lexical order: 01, 02, 12.
  return subsets.sort((a, b) => a.length - b.length || (a.join() < b.join() ? -1 : 1));
}
