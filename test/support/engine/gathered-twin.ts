// What an engine gathers, beside what the plain TypeScript makes of the same plan.

import { expect } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { augmentSample } from '#core/augmentation/augment-sample.ts';
import { downsampleLabels } from '#core/augmentation/deep-supervision-targets.ts';
import { type CaseArrays, cutPatch, type Patch } from '#core/augmentation/patch.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { BatchPlan, SamplePlan } from '#core/training/batch-plan.ts';
import { assertClose } from '#test/assert-close.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { writeCases } from './case-files.ts';
import { setup } from './setups.ts';

/** Gathers a plan with the engine and plainly, and expects the same voxels. All cases have a previous stage, or none. */
export async function expectTwin(
  engine: Engine,
  graph: NetworkGraph,
  cases: readonly CaseArrays[],
  plan: BatchPlan,
): Promise<void> {
  await using folder = await temporaryFolder();
  await using network = await engine.compile(graph);
  const previousStageLabels = cases[0]?.previousStage?.labels ?? [];
  const files = await writeCases(folder.path, cases);
  await using training = await network.train(setup([1, 0], { previousStageLabels }), files);
  const { image, targets } = await training.gather(plan);
  const patches = plan.samples.map((sample) => gatherPlainly(cases, plan, sample));

  expect(image.shape).toEqual([plan.samples.length, graph.inputChannels, ...plan.patchSize]);
  const values = image.data.length / plan.samples.length;
  const ofImage = values * (1 - previousStageLabels.length / graph.inputChannels);
  for (const [n, patch] of patches.entries()) {
    const actual = image.data.subarray(n * values, (n + 1) * values);
    expectImage(actual.subarray(0, ofImage), patch.image.subarray(0, ofImage), plan.samples[n]);
    expectLabels(actual.subarray(ofImage), patch.image.subarray(ofImage), plan.samples);
  }

  expect(targets).toHaveLength(graph.outputs.length);
  for (const { shape, data } of targets) {
    const extent = shape.slice(1);
    const want = patches.flatMap(({ label, shape: from }) => [...downsampleLabels(label, from, extent)]);
    expectLabels(data, Int16Array.from(want), plan.samples);
  }
}

function gatherPlainly(
  cases: readonly CaseArrays[],
  plan: BatchPlan,
  { caseIndex, corner, augmentation }: SamplePlan,
): Patch {
  const from = cases[caseIndex];
  if (!from) throw new RangeError(`the test has no case ${caseIndex}`);
  return augmentSample(cutPatch(from, corner, plan.initialPatchSize), augmentation, plan.patchSize);
}

function expectImage(actual: Float32Array, image: Float32Array, sample: SamplePlan | undefined): void {
  // Values are of order 1; float32 and float64 sums of a dozen transforms differ by some 1e-6.
  const tolerance = 2e-5;
  // A label that falls to the other side of a tie also moves the mask of the image.
  const mayMove = (sample?.augmentation?.maskedChannels.length ?? 0) > 0 && sample?.augmentation?.spatial;
  if (!mayMove) assertClose(actual, image, { atol: tolerance }, 'voxel');
  else
    expect(shareOf(image, (value, i) => !(Math.abs(value - (actual[i] ?? Number.NaN)) <= tolerance))).toBeLessThan(
      0.002,
    );
}

function expectLabels<T extends Float32Array | Int16Array>(actual: T, want: T, samples: readonly SamplePlan[]): void {
  expect(actual).toHaveLength(want.length);
  if (want.length === 0) return;
  expect(shareOf(want, (value, i) => value !== actual[i])).toBeLessThanOrEqual(nearTies(samples));
}

/** Exact half-way sample points fall to either side by float32 rounding; without a transform there are none. */
const nearTies = (samples: readonly SamplePlan[]): number =>
  samples.some(({ augmentation }) => augmentation?.spatial) ? 0.002 : 0;

const shareOf = (values: Float32Array | Int16Array, different: (value: number, i: number) => boolean): number =>
  values.filter((value, i) => different(value, i)).length / values.length;
