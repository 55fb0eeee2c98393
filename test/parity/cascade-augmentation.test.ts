// Golden values: batchgeneratorsv2 0.3.6, the transforms that a cascade's training adds, on the previous-stage labels of
// input_2d.npz and input_3d.npz. All exact.

import { expect, it } from 'vitest';
import { roundElement } from '#core/augmentation/binary-morphology.ts';
import { oneHot, withOperator, withoutComponent, withPreviousStage } from '#core/augmentation/previous-stage.ts';
import { ForegroundRuns } from '#core/postprocessing/foreground-runs.ts';
import type { BinaryOperator } from '#core/training/batch-plan.ts';
import { type AugmentationCase, casesNamed, inputPatch, load } from '#test/golden-augmentation.ts';
import { describeWithShared } from '#test/shared.ts';

interface OperatorRun {
  readonly array: string;
  readonly operator: BinaryOperator;
  readonly channel: number;
  readonly radius: number;
  readonly strel_shape: number[];
}

interface RemovalRun {
  readonly array: string;
  readonly dont_do_if_covers_more_than_x_percent: number;
  readonly channels: Record<string, { component_sizes: Record<string, number>; a_voxel_of_removed: number[][] }>;
}

const channelsOf = ({ input }: AugmentationCase) => {
  const { previousStage, shape } = inputPatch(input);
  return { shape, channels: oneHot(previousStage?.map ?? new Int16Array(), previousStage?.labels ?? []) };
};

/** nnU-Net counts the two appended channels from the end. */
const fromStart = (channel: number): number => channel + 2;

const joined = (channels: readonly Uint8Array[]): number[] => channels.flatMap((channel) => [...channel]);

describeWithShared('the labels of a previous stage beside batchgeneratorsv2', 'golden/augmentation/cases.json', () => {
  it.each(casesNamed(/cascade_onehot/))('$file: become channels after those of the image', (golden) => {
    const patch = inputPatch(golden.input);
    const { image, channels } = withPreviousStage(patch, null);
    expect(channels).toBe(patch.channels + 2);
    expect([...image.subarray(patch.image.length)]).toEqual([...load(golden.file, 'onehot_channels').data]);
  });

  it.each(casesNamed(/cascade_binary_operator/))('$file: grow and shrink', (golden) => {
    const { shape, channels } = channelsOf(golden);
    const runs = golden.params.runs as OperatorRun[];
    expect(runs).toHaveLength(7);
    for (const [i, { array, operator, channel, radius, strel_shape }] of runs.entries()) {
      const element = load(golden.file, `strel${i}`).data;
      expect(cells(radius, strel_shape), `element of radius ${radius}`).toEqual([...element]);
      const got = withOperator(channels, shape, { channel: fromStart(channel), operator, radius });
      expect(joined(got), `${operator}, radius ${radius}`).toEqual([...load(golden.file, array).data]);
    }
    const both = golden.params.out_two_in_order.reduce<readonly Uint8Array[]>(
      (all, [operator, channel, radius]) =>
        withOperator(all, shape, { channel: fromStart(channel), operator: operator as BinaryOperator, radius }),
      channels,
    );
    expect(joined(both)).toEqual([...load(golden.file, 'out_two_in_order').data]);
  });

  it.each(casesNamed(/cascade_remove_component/))('$file: lose the component that was drawn', (golden) => {
    const { shape, channels } = channelsOf(golden);
    for (const run of golden.params.runs as RemovalRun[]) {
      const largestShare = run.dont_do_if_covers_more_than_x_percent;
      const got = Object.entries(run.channels).reduce<readonly Uint8Array[]>((all, [name, wanted]) => {
        const channel = fromStart(Number(name));
        const voxel = (wanted.a_voxel_of_removed[0] ?? []).reduce((at, p, axis) => at * (shape[axis] ?? 1) + p, 0);
        const sizes = Object.values(wanted.component_sizes);
        const pick = pickOf(channels[channel] ?? new Uint8Array(), shape, { largestShare, voxel, sizes });
        return withoutComponent(all, shape, { channel, pick, largestShare });
      }, channels);
      expect(joined(got), run.array).toEqual([...load(golden.file, run.array).data]);
    }
  });
});

/** The element as a filled array. */
function cells(radius: number, extent: readonly number[]): number[] {
  const filled = new Uint8Array(extent.reduce((a, b) => a * b, 1));
  const middle = Math.floor(((extent[0] ?? 1) - 1) / 2);
  for (const offset of roundElement(radius, extent.length))
    filled[offset.reduce((at, p, axis) => at * (extent[axis] ?? 1) + p + middle, 0)] = 1;
  return [...filled];
}

/** The draw that removes the component of a voxel, among those small enough. */
function pickOf(
  channel: Uint8Array,
  shape: readonly number[],
  { largestShare, voxel, sizes }: { largestShare: number; voxel: number; sizes: readonly number[] },
): number {
  const [z = 1, y = 1, x = 1] = shape.length === 2 ? [1, ...shape] : shape;
  const components = new ForegroundRuns(channel, [z, y, x], new Set([1])).components();
  const sizeOf = (runs: (typeof components)[number]) => runs.reduce((sum, { start, end }) => sum + end - start, 0);
  const ascending = (a: number, b: number) => a - b;
  expect(components.map(sizeOf).sort(ascending)).toEqual([...sizes].sort(ascending));
  const small = components.filter((runs) => sizeOf(runs) < largestShare * channel.length);
  const at = small.findIndex((runs) => runs.some(({ start, end }) => start <= voxel && voxel < end));
  return (at + 0.5) / small.length;
}
