import { expect, it } from 'vitest';
import type { Engine, GatheredBatch } from '#compute/engine.ts';
import { augmentSample } from '#core/augmentation/augment-sample.ts';
import { cutPatch, type Patch } from '#core/augmentation/patch.ts';
import { affine2d, affine3d } from '#core/augmentation/rotation.ts';
import { AUGMENTATIONS, type AugmentationSettings } from '#core/augmentation/settings.ts';
import { extentNet } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { AugmentationPlan, SamplePlan } from '#core/training/batch-plan.ts';
import { confusionCounts } from '#core/training/confusion-counts.ts';
import { drawTrainingBatch, drawValidationBatch, patchSource } from '#core/training/draw-batch-plan.ts';
import { aBatchPlan, anAugmentation, aSample } from '#test/a-batch-plan.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { madeUpCase, writeCases } from './case-files.ts';
import { expectTwin } from './gathered-twin.ts';
import { expectSame } from './network-tests.ts';
import { identityNetwork, identityWeights, sineWeights, smallUNet } from './sample-networks.ts';
import { setup } from './setups.ts';

const cases = [madeUpCase([20, 30, 28], 2, 0), madeUpCase([9, 40, 17], 2, 1), madeUpCase([26, 22, 33], 2, 2)];

const unet3d = (): NetworkGraph =>
  smallUNet(
    [
      [1, 1, 1],
      [1, 2, 2],
      [2, 2, 2],
    ],
    [2, 3, 4],
    2,
  );
const unet2d = (): NetworkGraph =>
  smallUNet(
    [
      [1, 1],
      [2, 2],
      [2, 2],
    ],
    [2, 3, 4],
    2,
  );

const rotated3d = { matrix: affine3d([0.3, -0.2, 0.4], 1.1), dummy2d: false, elastic: null };

/** One transform at a time, so that a failure names the one that is wrong. */
const transforms: { name: string; augmentation: Partial<AugmentationPlan> | null }[] = [
  { name: 'nothing but label -1 to 0', augmentation: null },
  { name: 'the centre crop', augmentation: {} },
  { name: 'rotation and scaling', augmentation: { spatial: rotated3d } },
  {
    name: 'an in-plane transform of every slice',
    augmentation: { spatial: { matrix: affine2d(0.7, 0.8), dummy2d: true, elastic: null } },
  },
  {
    name: 'a deformation',
    augmentation: { spatial: { ...rotated3d, elastic: { amplitude: 40, sigma: 3, key: [77, 1] } } },
  },
  {
    name: 'a deformation of every slice',
    augmentation: {
      spatial: { matrix: affine2d(0, 1), dummy2d: true, elastic: { amplitude: 25, sigma: 2.3, key: [5, 6] } },
    },
  },
  { name: 'noise', augmentation: { noise: { sigma: 0.08, key: [12345, 67890] } } },
  { name: 'blur of one channel', augmentation: { blur: [null, [0.55, 0.8, 0.97]] } },
  { name: 'brightness', augmentation: { brightness: [0.8, 1.2] } },
  { name: 'contrast', augmentation: { contrast: [1.2, 0.8] } },
  { name: 'low resolution', augmentation: { lowResolution: { zoom: [0.55, 0.8], ignoreFirstAxis: false } } },
  { name: 'low resolution in plane', augmentation: { lowResolution: { zoom: [0.7, null], ignoreFirstAxis: true } } },
  { name: 'gamma on the negated image', augmentation: { gammaInverted: [0.75, 1.4] } },
  { name: 'gamma', augmentation: { gamma: [1.3, 0.8] } },
  { name: 'mirroring', augmentation: { mirrorAxes: [0, 2] } },
  { name: 'masking', augmentation: { maskedChannels: [1] } },
  {
    name: 'all of them, in the order of the plan',
    augmentation: {
      spatial: rotated3d,
      noise: { sigma: 0.05, key: [1, 2] },
      blur: [[0.6, 0.7, 0.8], null],
      brightness: [0.9, 1.1],
      contrast: [1.1, 0.9],
      lowResolution: { zoom: [null, 0.6], ignoreFirstAxis: false },
      gammaInverted: [1.2, 0.9],
      gamma: [0.8, 1.3],
      mirrorAxes: [1],
      maskedChannels: [0],
    },
  },
];

/** Batches from plans: the same voxels as the plain TypeScript gathers. */
export function testsBatches(engine: () => Engine): void {
  it.each(transforms)('gathers and applies $name like the plain twin', async ({ augmentation }) => {
    const sample = (caseIndex: number, corner: SamplePlan['corner']): SamplePlan => ({
      caseIndex,
      corner,
      augmentation: augmentation && anAugmentation(augmentation),
    });
    // A dummy 2D plan reads no more slices than it keeps.
    const initialPatchSize = augmentation ? [augmentation.spatial?.dummy2d ? 8 : 11, 20, 23] : [8, 16, 16];
    // Inside; outside before the start; outside past the end.
    const samples = [sample(0, [4, 5, 2]), sample(1, [-3, 7, -4]), sample(2, [20, 11, 24])];
    await expectTwin(engine(), unet3d(), cases, { patchSize: [8, 16, 16], initialPatchSize, samples });
  });

  it.each([
    { name: '3D patches', graph: unet3d(), patchSize: [8, 16, 16] },
    { name: '2D patches', graph: unet2d(), patchSize: [16, 20] },
    { name: 'thin 3D patches', graph: unet3d(), patchSize: [4, 16, 20] },
  ])('gathers drawn batches of $name like the plain twin', async ({ graph, patchSize }) => {
    const source = sourceOf(patchSize, 4, AUGMENTATIONS.v1);
    for (const iteration of [0, 1, 2, 3])
      await expectTwin(engine(), graph, cases, drawTrainingBatch(source, { seed: 7, epoch: 0, iteration }));
    await expectTwin(engine(), graph, cases, drawValidationBatch(source, { seed: 7, epoch: 0, iteration: 0 }));
  });

  it('trains on a plan as on the batch that it gathers', async () => {
    await using folder = await temporaryFolder();
    const files = await writeCases(folder.path, cases);
    const plan = drawTrainingBatch(sourceOf([8, 16, 16], 2), { seed: 3, epoch: 1, iteration: 4 });
    await using planned = await engine().compile(unet3d());
    await using explicit = await engine().compile(unet3d());
    for (const network of [planned, explicit]) await network.setWeights(sineWeights(network.graph));
    await using fromPlan = await planned.train(setup([1, 0]), files);
    await using fromBatch = await explicit.train(setup([1, 0]), files);
    const batch = await fromBatch.gather(plan);
    expect(await fromPlan.step(plan, 0.01)).toEqual(await fromBatch.stepOn(batch, 0.01));
    expectSame(await planned.weights(), await explicit.weights());
  });

  it('counts true and false positives and false negatives per class when validating, and changes nothing', async () => {
    await using folder = await temporaryFolder();
    const logits = madeUpCase([3, 6, 8], 3);
    const files = await writeCases(folder.path, [logits]);
    await using network = await engine().compile(identityNetwork(3, 2));
    await network.setWeights(identityWeights(network.graph));
    const before = await network.weights();
    await using training = await network.train(setup([1]), files);
    const plan = aBatchPlan([6, 8], { samples: [1, 2].map((slice) => aSample({ corner: [slice, 0, 0] })) });
    const patches = plan.samples.map(({ corner }) => augmentSample(cutPatch(logits, corner, [6, 8]), null, [6, 8]));
    const result = await training.validate(plan);
    expect(result.loss).toBeCloseTo((await training.gradients(await training.gather(plan))).loss, 6);
    const { truePositives, falsePositives, falseNegatives } = result;
    expect({ truePositives, falsePositives, falseNegatives }).toEqual(countByClass(patches, 3));
    expectSame(await network.weights(), before);
  });

  it('counts each region by itself when validating, without the voxels to ignore', async () => {
    await using folder = await temporaryFolder();
    const files = await writeCases(folder.path, [madeUpCase([3, 6, 8], 3)]);
    await using network = await engine().compile(identityNetwork(3, 2));
    await network.setWeights(identityWeights(network.graph));
    const labels = { regions: [[1], [0, 1], [0]], ignore: 2 };
    await using training = await network.train(setup([1], { labels }), files);
    const plan = aBatchPlan([6, 8], { samples: [1, 2].map((slice) => aSample({ corner: [slice, 0, 0] })) });
    const { image, targets } = await training.gather(plan);
    const { loss: _, ...counts } = await training.validate(plan);
    expect(counts).toEqual(confusionCounts(image, targets[0] ?? { shape: [], data: new Int16Array() }, labels));
  });

  it('names the case whose file it cannot read', async () => {
    await using folder = await temporaryFolder();
    const files = (await writeCases(folder.path, cases.slice(0, 1))).map((file) => ({
      ...file,
      imagePath: `${file.imagePath}.gone`,
    }));
    await using network = await engine().compile(unet3d());
    const gathered = async (): Promise<GatheredBatch> => {
      await using training = await network.train(setup([1, 0]), files);
      return await training.gather(aBatchPlan([8, 16, 16]));
    };
    await expect(gathered()).rejects.toThrow(/case_0/);
  });
}

const sourceOf = (
  patchSize: readonly number[],
  batchSize: number,
  settings: AugmentationSettings = AUGMENTATIONS.v2,
): ReturnType<typeof patchSource> =>
  patchSource(
    cases.map(({ shape }) => ({ shape, classLocations: [{ label: 1, locations: Int32Array.of(3, 8, 9) }] })),
    { patchSize: extentNet(patchSize), batchSize, useMaskForNorm: [true, false] },
    { oversampleForeground: 0.33, settings, previousStageLabels: 0 },
  );

function countByClass(patches: readonly Patch[], heads: number): Record<string, number[]> {
  const zeros = (): number[] => Array<number>(heads).fill(0);
  const counts = { truePositives: zeros(), falsePositives: zeros(), falseNegatives: zeros() };
  const add = (list: number[], head: number): void => {
    list[head] = (list[head] ?? 0) + 1;
  };
  for (const { image, label } of patches)
    for (const [voxel, reference] of label.entries()) {
      const logits = Array.from({ length: heads }, (_, head) => image[head * label.length + voxel] ?? 0);
      const predicted = logits.indexOf(Math.max(...logits));
      if (predicted === reference) add(counts.truePositives, reference);
      else {
        add(counts.falsePositives, predicted);
        add(counts.falseNegatives, reference);
      }
    }
  return counts;
}
