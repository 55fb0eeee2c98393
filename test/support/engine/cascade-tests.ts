import { expect, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { affine2d, affine3d } from '#core/augmentation/rotation.ts';
import { AUGMENTATIONS, type AugmentationSettings } from '#core/augmentation/settings.ts';
import { extentNet } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { AugmentationPlan, BinaryOperator, PreviousStagePlan } from '#core/training/batch-plan.ts';
import {
  drawTrainingBatch,
  drawValidationBatch,
  type PatchSource,
  patchSource,
} from '#core/training/draw-batch-plan.ts';
import { aBatchPlan, anAugmentation, aSample } from '#test/a-batch-plan.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { madeUpCase, withPreviousStage, writeCases } from './case-files.ts';
import { expectTwin } from './gathered-twin.ts';
import { identityNetwork, identityWeights, smallUNet } from './sample-networks.ts';
import { setup } from './setups.ts';

const cases = [madeUpCase([20, 30, 28], 2, 0), madeUpCase([9, 40, 17], 2, 1)].map(withPreviousStage);
const LABELS = 3;

/** Two channels of image, three labels. */
const unet = (dimensions: 2 | 3): NetworkGraph => {
  const strides = [1, 2, 2].map((stride) => Array<number>(dimensions).fill(stride));
  return smallUNet(strides, [2, 3, 4], 2 + LABELS);
};

const operators: readonly BinaryOperator[] = ['dilation', 'erosion', 'closing', 'opening'];
const changes = (change: Partial<PreviousStagePlan>): Partial<AugmentationPlan> => ({
  previousStage: { operators: [], removals: [], ...change },
});
const removals = [
  { channel: 1, pick: 0.6, largestShare: 0.15 },
  { channel: 0, pick: 0, largestShare: 0.01 },
];
const spatial = (dimensions: 2 | 3) => ({
  matrix: dimensions === 2 ? affine2d(0.4, 1.2) : affine3d([0.3, -0.2, 0.4], 1.1),
  dummy2d: false,
  elastic: { amplitude: 30, sigma: 3, key: [9, 9] as const },
});

const augmentations = (dimensions: 2 | 3): { name: string; augmentation: Partial<AugmentationPlan> | null }[] => [
  { name: 'as it is, to validate', augmentation: null },
  { name: 'mirrored', augmentation: { mirrorAxes: [1] } },
  {
    name: 'deformed, rotated and scaled',
    augmentation: { spatial: spatial(dimensions), noise: { sigma: 0.1, key: [1, 2] } },
  },
  ...operators.map((operator) => ({
    name: `after ${operator}`,
    augmentation: changes({
      operators: [1, 1.7, 2.5, 3.9].map((radius, i) => ({ channel: i % LABELS, operator, radius })),
    }),
  })),
  { name: 'without some components', augmentation: changes({ removals }) },
  {
    name: 'after operators one upon another, then without some components',
    augmentation: {
      mirrorAxes: [0],
      ...changes({
        operators: operators.map((operator, i) => ({ channel: (i * 2) % LABELS, operator, radius: 1 + i * 0.7 })),
        removals,
      }),
    },
  },
];

/** Labels of a previous stage as channels of the input: the same voxels as the plain TypeScript gathers. */
export function testsCascades(engine: () => Engine): void {
  it.each(augmentations(3))('gathers a previous stage in 3D $name', async ({ augmentation }) => {
    const planned = augmentation && anAugmentation(augmentation);
    const samples = [
      aSample({ corner: [2, 3, 2], augmentation: planned }),
      aSample({ caseIndex: 1, corner: [-3, 17, -4], augmentation: planned }),
    ];
    const initialPatchSize = augmentation ? [14, 20, 23] : [12, 16, 16];
    await expectTwin(engine(), unet(3), cases, { patchSize: [12, 16, 16], initialPatchSize, samples });
  });

  it.each(augmentations(2))('gathers a previous stage in 2D $name', async ({ augmentation }) => {
    const planned = augmentation && anAugmentation(augmentation);
    const samples = [0, 1].map((caseIndex) => aSample({ caseIndex, corner: [4, -2, 1], augmentation: planned }));
    await expectTwin(engine(), unet(2), cases, { patchSize: [16, 20], initialPatchSize: [21, 24], samples });
  });

  it('gathers a previous stage in 3D deformed slice by slice', async () => {
    const plan = {
      matrix: affine2d(0.2, 0.9),
      dummy2d: true,
      elastic: { amplitude: 20, sigma: 2, key: [4, 3] as const },
    };
    const samples = [aSample({ corner: [2, 3, 2], augmentation: anAugmentation({ spatial: plan }) })];
    await expectTwin(engine(), unet(3), cases, { patchSize: [8, 16, 16], initialPatchSize: [8, 20, 22], samples });
  });

  it.each([
    { name: '3D patches', dimensions: 3 as const, patchSize: [12, 16, 16] },
    { name: '2D patches', dimensions: 2 as const, patchSize: [16, 20] },
    { name: 'thin 3D patches', dimensions: 3 as const, patchSize: [4, 16, 20] },
  ])('gathers drawn batches of a cascade with $name', async ({ dimensions, patchSize }) => {
    // An operator would make a ball of a voxel that a tie in the interpolation decides; so not both at once.
    const moved = { ...AUGMENTATIONS.v1, previousStage: noOperators };
    const changed = {
      ...AUGMENTATIONS.v1,
      rotation: { chance: 0 },
      scaling: { ...v1.scaling, chance: 0 },
      elastic: null,
    };
    for (const settings of [moved, changed])
      for (const iteration of [0, 1, 2]) {
        const source = sourceOf(patchSize, settings);
        await expectTwin(
          engine(),
          unet(dimensions),
          cases,
          drawTrainingBatch(source, { seed: 11, epoch: 0, iteration }),
        );
        await expectTwin(
          engine(),
          unet(dimensions),
          cases,
          drawValidationBatch(source, { seed: 11, epoch: 0, iteration }),
        );
      }
  });

  it('trains and validates on the labels as on any channel', async () => {
    await using folder = await temporaryFolder();
    const files = await writeCases(folder.path, cases);
    await using network = await engine().compile(identityNetwork(2 + LABELS, 3));
    await network.setWeights(identityWeights(network.graph));
    await using training = await network.train(setup([1], { previousStageLabels: [1, 2, 3] }), files);
    const plan = aBatchPlan([8, 8, 8], { samples: [aSample({ corner: [2, 2, 4] })] });
    const { loss } = await training.gradients(await training.gather(plan));
    expect((await training.validate(plan)).loss).toBeCloseTo(loss, 6);
    expect((await training.step(plan, 0.01)).loss).toBeCloseTo(loss, 6);
  });
}

const v1: AugmentationSettings = AUGMENTATIONS.v1;
const noOperators: AugmentationSettings['previousStage'] = {
  operator: { ...v1.previousStage.operator, chance: 0 },
  removal: { ...v1.previousStage.removal, chance: 0 },
};

function sourceOf(patchSize: readonly number[], settings: AugmentationSettings): PatchSource {
  return patchSource(
    cases.map(({ shape }) => ({ shape, classLocations: [{ label: 1, locations: Int32Array.of(3, 8, 9) }] })),
    { patchSize: extentNet(patchSize), batchSize: 3, useMaskForNorm: [true, false] },
    { oversampleForeground: 0.33, settings, previousStageLabels: LABELS },
  );
}
