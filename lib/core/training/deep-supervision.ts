import { roundHalfEven } from '#core/geometry/rounding.ts';

/**
 * Weight of each output's loss, highest resolution first, summing to 1.
 *
 * Halved with every resolution, and 0 for the lowest one: 5 outputs get 8/15, 4/15, 2/15, 1/15, 0. A single output
 * gets 1, where nnU-Net's rule would divide 0 by 0.
 *
 * @see nnU-Net v2, nnUNetTrainer._build_loss
 */
export function deepSupervisionWeights(outputs: number): number[] {
  if (outputs < 1) throw new RangeError(`a network needs at least one output, got ${outputs}`);
  if (outputs === 1) return [1];
  const halvings = Array.from({ length: outputs }, (_, k) => (k === outputs - 1 ? 0 : 0.5 ** k));
  const sum = halvings.reduce((a, b) => a + b, 0);
  return halvings.map((weight) => weight / sum);
}

/**
 * Extent of each output's target, highest resolution first; the bottleneck has none.
 *
 * Every stage's extent is the patch divided by all strides so far, rounded half to even: patch [57, 43] with strides
 * [1, 1], [2, 2], [2, 2] has targets [57, 43] and [28, 22].
 *
 * @param patchSize voxels per axis, network order.
 * @param strides per encoder stage, the first all ones.
 * @see nnU-Net v2, nnUNetTrainer._get_deep_supervision_scales
 */
export function deepSupervisionShapes(
  patchSize: readonly number[],
  strides: readonly (readonly number[])[],
): number[][] {
  const cumulative = patchSize.map(() => 1);
  return strides.slice(0, -1).map((stride) =>
    patchSize.map((extent, axis) => {
      cumulative[axis] = (cumulative[axis] ?? 1) * (stride[axis] ?? 1);
      // Not `extent / cumulative`: nnU-Net multiplies by the reciprocal, which differs in the last bit.
      return roundHalfEven(extent * (1 / cumulative[axis]));
    }),
  );
}
