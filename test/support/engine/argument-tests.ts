import { expect, it } from 'vitest';
import type { Engine, GatheredBatch, Network, Training } from '#compute/engine.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import { aBatchPlan } from '#test/a-batch-plan.ts';
import { tensorOf, tinyUNet } from './sample-networks.ts';
import { setup } from './setups.ts';
import { tinyBatch } from './tiny-batch.ts';

const zeros = (...shape: number[]) => tensorOf(shape, () => 0);

const tiles: TilePlan = { tileSize: [16, 16], starts: [[0], [0]], weight: new Float32Array(256), mirrorAxes: [] };

/** The batch that fits, with one thing wrong. */
const strangeLabel = (): GatheredBatch => {
  const { image, targets } = tinyBatch();
  return { image, targets: targets.map(({ shape, data }) => ({ shape, data: data.map(() => 3) })) };
};
const missingTarget = (): GatheredBatch => ({ image: tinyBatch().image, targets: tinyBatch().targets.slice(1) });
const shortImage = (): GatheredBatch => {
  const { image, targets } = tinyBatch();
  return { image: { shape: image.shape, data: image.data.subarray(1) }, targets };
};

const ofNetwork: { name: string; call: (network: Network) => Promise<unknown>; want: string }[] = [
  {
    name: 'an input that the strides do not divide',
    call: (network) => network.forward(zeros(1, 1, 16, 12)),
    want: 'input extent 12 of axis 1 is not a multiple of 8',
  },
  {
    name: 'an input of another number of channels',
    call: (network) => network.forward(zeros(1, 2, 16, 16)),
    want: 'expected an input of 1 channels, got 2',
  },
  {
    name: 'an image smaller than a tile',
    call: (network) => network.predict(zeros(1, 1, 16, 12), tiles),
    want: 'image extent 12 is smaller than the tile 16; pad the image first',
  },
  {
    name: 'a training with a weight too few',
    call: (network) => network.train(setup([1, 0]), []),
    want: 'expected 3 deep supervision weights, one per output, got 2',
  },
];

const plan = aBatchPlan([16, 16]);
const noCase = 'the batch names case 0, the training has 0 cases';
const ofTraining: { name: string; call: (training: Training) => Promise<unknown>; want: string }[] = [
  { name: 'a step on a case it was not given', call: (training) => training.step(plan, 0.01), want: noCase },
  { name: 'a validation on such a case', call: (training) => training.validate(plan), want: noCase },
  { name: 'a batch of such a case', call: (training) => training.gather(plan), want: noCase },
  {
    name: 'a batch with a label that is no class',
    call: (training) => training.stepOn(strangeLabel(), 0.01),
    want: 'expected labels 0, 1, 2 in target 0, got 3',
  },
  {
    name: 'a batch with a target too few',
    call: (training) => training.gradients(missingTarget()),
    want: 'expected 3 targets, one per output, got 2',
  },
  {
    name: 'a batch with fewer values than its shape says',
    call: (training) => training.stepOn(shortImage(), 0.01),
    want: 'expected 512 values of input for shape [2,1,16,16], got 511',
  },
];

/** Every call checks what it is given; each check by itself is tried in `check-arguments.test.ts`. */
export function testsArguments(engine: () => Engine): void {
  const expectRefusal = async (call: Promise<unknown>, want: string): Promise<void> => {
    await expect(call).rejects.toThrow(want);
    await expect(call).rejects.toBeInstanceOf(RangeError);
  };

  it.each(ofNetwork)('a network refuses $name', async ({ call, want }) => {
    await using network = await engine().compile(tinyUNet());
    await expectRefusal(call(network), want);
  });

  it.each(ofTraining)('a training refuses $name', async ({ call, want }) => {
    await using network = await engine().compile(tinyUNet());
    await using training = await network.train(setup([1, 0, 0]), []);
    await expectRefusal(call(training), want);
  });
}
