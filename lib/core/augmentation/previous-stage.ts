// What the stage before a cascade predicted, as channels of the network's input. A network that always saw the same
// first guess would trust it blindly, so in training the guess is coarsened: grown, shrunk, robbed of a component.

import { ForegroundRuns } from '#core/postprocessing/foreground-runs.ts';
import type { BinaryOperatorPlan, ComponentRemovalPlan, PreviousStagePlan } from '#core/training/batch-plan.ts';
import { applyOperator, roundElement } from './binary-morphology.ts';
import type { Patch } from './patch.ts';

/** One binary channel per label, (labels, ...shape), each 1 where the map has that label. */
export function oneHot(map: Int16Array, labels: readonly number[]): Uint8Array[] {
  return labels.map((label) => Uint8Array.from(map, (value) => (value === label ? 1 : 0)));
}

/**
 * A patch whose previous stage has become channels after those of the image.
 *
 * @param plan `null` for validation and prediction: nothing is changed on the way.
 * @throws {RangeError} for a plan where the patch has no previous stage.
 */
export function withPreviousStage(patch: Patch, plan: PreviousStagePlan | null): Patch {
  const { previousStage } = patch;
  if (previousStage === null && plan !== null)
    throw new RangeError('the plan changes labels of a previous stage, but the patch has none');
  if (previousStage === null) return patch;
  const channels = changedChannels(oneHot(previousStage.map, previousStage.labels), patch.shape, plan);
  const image = new Float32Array(patch.image.length + channels.length * patch.label.length);
  image.set(patch.image);
  for (const [i, channel] of channels.entries()) image.set(channel, patch.image.length + i * channel.length);
  return { ...patch, channels: patch.channels + channels.length, image, previousStage: null };
}

function changedChannels(
  channels: readonly Uint8Array[],
  shape: readonly number[],
  plan: PreviousStagePlan | null,
): readonly Uint8Array[] {
  if (!plan) return channels;
  const operated = plan.operators.reduce((all, one) => withOperator(all, shape, one), channels);
  return plan.removals.reduce((all, one) => withoutComponent(all, shape, one), operated);
}

/** One channel after an operator; the voxels that it gained are taken from all others. */
export function withOperator(
  channels: readonly Uint8Array[],
  shape: readonly number[],
  { channel: changed, operator, radius }: BinaryOperatorPlan,
): readonly Uint8Array[] {
  const before = channels[changed];
  if (!before) throw new RangeError(`there are ${channels.length} labels of a previous stage, no channel ${changed}`);
  const after = applyOperator(operator, before, shape, roundElement(radius, shape.length));
  const isGained = (voxel: number): boolean => after[voxel] === 1 && before[voxel] === 0;
  return channels.map((channel, i) =>
    i === changed ? after : channel.map((value, voxel) => (isGained(voxel) ? 0 : value)),
  );
}

/** One channel without one of its smaller components; as it is where there is none. */
export function withoutComponent(
  channels: readonly Uint8Array[],
  shape: readonly number[],
  { channel: changed, pick, largestShare }: ComponentRemovalPlan,
): readonly Uint8Array[] {
  return channels.map((channel, i) => {
    if (i !== changed) return channel;
    const [z = 1, y = 1, x = 1] = shape.length === 2 ? [1, ...shape] : shape;
    const components = new ForegroundRuns(channel, [z, y, x], new Set([1])).components();
    const sizeOf = (runs: (typeof components)[number]): number =>
      runs.reduce((sum, { start, end }) => sum + end - start, 0);
    const small = components.filter((runs) => sizeOf(runs) < largestShare * channel.length);
    const reduced = Uint8Array.from(channel);
    for (const { start, end } of small[Math.floor(pick * small.length)] ?? []) reduced.fill(0, start, end);
    return reduced;
  });
}
