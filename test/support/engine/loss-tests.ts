import { expect, it } from 'vitest';
import type { Engine, GatheredBatch } from '#compute/engine.ts';
import { assertClose } from '#test/assert-close.ts';
import { identityNetwork, identityWeights, named } from './sample-networks.ts';
import { setup } from './setups.ts';

/** Two samples of 2 x 2 voxels and three classes, worked out by hand in nnU-Net's formulas. */
const batch: GatheredBatch = {
  image: {
    shape: [2, 3, 2, 2],
    data: Float32Array.of(
      ...[2, 0.5, -1, 0],
      ...[0, 1, 0.5, 0],
      ...[-1, 0, 1.5, 0],
      ...[0, 0, 1, 2],
      ...[1, 0, 0, 0],
      ...[0, 3, 0, -2],
    ),
  },
  targets: [{ shape: [2, 2, 2], data: Int16Array.of(0, 1, 2, 1, 0, 2, 0, 0) }],
};

/** Dice and cross-entropy on explicit logits, by a network that hands its input through. */
export function testsLoss(engine: () => Engine): void {
  it.each([
    { name: 'per sample', batchDice: false, want: 0.1049844 },
    { name: 'over the batch', batchDice: true, want: 0.03307527 },
  ])('adds cross-entropy and soft Dice $name', async ({ batchDice, want }) => {
    await using network = await engine().compile(identityNetwork(3, 2));
    await network.setWeights(identityWeights(network.graph));
    await using training = await network.train(setup([1], { batchDice }), []);
    assertClose([(await training.gradients(batch)).loss], [want], { atol: 1e-6 }, 'loss');
  });

  it.each([false, true])('has the gradient that small changes of the loss show (batch Dice %s)', async (batchDice) => {
    await using network = await engine().compile(identityNetwork(3, 2));
    await network.setWeights(identityWeights(network.graph));
    await using training = await network.train(setup([1], { batchDice }), []);
    const { gradients } = await training.gradients(batch);
    const lossWithBias = async (head: number, change: number): Promise<number> => {
      const weights = new Map(identityWeights(network.graph));
      weights.set('head.bias', { shape: [3], data: Float32Array.of(0, 0, 0).fill(change, head, head + 1) });
      await network.setWeights(weights);
      return (await training.gradients(batch)).loss;
    };
    const slopes = [];
    for (const head of [0, 1, 2])
      slopes.push(((await lossWithBias(head, 0.01)) - (await lossWithBias(head, -0.01))) / 0.02);
    // Central differences of float32 losses: about 1e-7 / 0.02 of rounding and 1e-4 / 6 of curvature.
    assertClose(named(gradients, 'head.bias').data, slopes, { atol: 5e-5 }, 'gradient of head');
  });

  it('counts a class that is absent as a Dice near 0', async () => {
    await using network = await engine().compile(identityNetwork(2, 2));
    await network.setWeights(identityWeights(network.graph));
    await using training = await network.train(setup([1]), []);
    const empty: GatheredBatch = {
      image: { shape: [1, 2, 1, 2], data: Float32Array.of(0, 0, 0, 0) },
      targets: [{ shape: [1, 1, 2], data: Int16Array.of(0, 0) }],
    };
    // ln 2 of cross-entropy; Dice (0 + 1e-5) / (0 + 1 + 1e-5).
    assertClose([(await training.gradients(empty)).loss], [Math.LN2 - 1e-5], { atol: 1e-6 }, 'loss');
  });

  it('weighs the outputs by their deep supervision weight', async () => {
    const single = identityNetwork(3, 2);
    await using network = await engine().compile({ ...single, outputs: [1, 1] });
    await network.setWeights(identityWeights(network.graph));
    await using training = await network.train(setup([0.75, 0.25]), []);
    const twice = { ...batch, targets: [...batch.targets, ...batch.targets] };
    expect((await training.gradients(twice)).loss).toBeCloseTo(0.1049844, 5);
  });
}
