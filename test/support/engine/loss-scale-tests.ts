import { expect, it } from 'vitest';
import type { Engine, GatheredBatch, Network, StepResult, Training } from '#compute/engine.ts';
import type { LossScaling } from '#core/training/loss-scale.ts';
import { expectSame } from './network-tests.ts';
import { identityNetwork, sineWeights, tensorOf, tinyUNet } from './sample-networks.ts';
import { setup, stepTimes } from './setups.ts';
import { tinyBatch } from './tiny-batch.ts';

const outputs = [2 / 3, 1 / 3, 0];
const scaling = (change: Partial<LossScaling>): LossScaling => ({
  initialScale: 1024,
  growthFactor: 2,
  backoffFactor: 0.5,
  growthInterval: 2000,
  ...change,
});

/**
 * Scaling the loss, which float16 needs, shown in float32: its rule is the same in each precision, and a power of two
 * changes no bit of a float32 gradient that neither overflows nor vanishes.
 */
export function testsLossScale(engine: () => Engine): void {
  const tiny = async (): Promise<Network> => {
    const network = await engine().compile(tinyUNet());
    await network.setWeights(sineWeights(network.graph));
    return network;
  };

  it('takes the same steps, bit for bit, under a scale that is a power of two', async () => {
    await using plain = await tiny();
    await using unscaled = await plain.train(setup(outputs), []);
    await using network = await tiny();
    await using scaled = await network.train(setup(outputs, { lossScaling: scaling({}) }), []);
    for (let step = 0; step < 3; step++) {
      const want = await unscaled.stepOn(tinyBatch(), 0.01);
      expect(want.lossScale).toBe(1);
      expect(await scaled.stepOn(tinyBatch(), 0.01)).toEqual({ ...want, lossScale: 1024 });
    }
    expectSame(await network.weights(), await plain.weights());
    expectSame((await scaled.gradients(tinyBatch())).gradients, (await unscaled.gradients(tinyBatch())).gradients);
  });

  it('doubles the scale after an interval of good steps, as its state says', async () => {
    await using network = await tiny();
    const lossScaling = scaling({ initialScale: 4, growthInterval: 2 });
    await using training = await network.train(setup(outputs, { lossScaling }), []);
    const scales: number[] = [];
    for (let step = 0; step < 5; step++) scales.push((await training.stepOn(tinyBatch(), 0.01)).lossScale);
    expect(scales).toEqual([4, 4, 8, 8, 16]);
    const state = await training.optimizerState();
    expect(state.get('loss_scale')).toEqual({ shape: [], data: Float32Array.of(16) });
    expect(state.get('growth_tracker')).toEqual({ shape: [], data: Float32Array.of(1) });
  });

  it('halves the scale while gradients overflow, changes nothing meanwhile, and then steps as without', async () => {
    // Of a loss of order 1 by a weight that meets images of 2^16, the gradient is 2^15 or so: 2^128 is left at 2^118.
    const batch: GatheredBatch = {
      image: tensorOf([1, 2, 4, 4], () => 2 ** 16),
      targets: [{ shape: [1, 4, 4], data: new Int16Array(16) }],
    };
    await using plain = await engine().compile(identityNetwork(2, 2));
    await using unscaled = await plain.train(setup([1]), []);
    const want = await unscaled.stepOn(batch, 0.01);

    await using network = await engine().compile(identityNetwork(2, 2));
    const start = await network.weights();
    const lossScaling = scaling({ initialScale: 2 ** 118 });
    await using training = await network.train(setup([1], { lossScaling }), []);
    const results: StepResult[] = [];
    while (results.length < 10 && results.at(-1)?.skipped !== false) {
      expectSame(await network.weights(), start);
      results.push(await training.stepOn(batch, 0.01));
    }
    expect(results.length).toBeGreaterThan(2);
    expect(results.map(({ lossScale }) => lossScale)).toEqual(results.map((_, i) => 2 ** (118 - i)));
    // The scale takes no part in the loss.
    expect(results.map(({ loss }) => loss)).toEqual(results.map(() => want.loss));
    expect(results.at(-1)).toEqual({ ...want, lossScale: 2 ** (119 - results.length) });
    expectSame(await network.weights(), await plain.weights());
  });

  it('goes on bit for bit from a saved state, scale and count of good steps included', async () => {
    const open = async (network: Network): Promise<Training> =>
      network.train(setup(outputs, { lossScaling: scaling({ growthInterval: 3 }) }), []);
    await using undisturbed = await tiny();
    await using whole = await open(undisturbed);
    await stepTimes(whole, 8, tinyBatch());

    await using killed = await tiny();
    await using firstPart = await open(killed);
    await stepTimes(firstPart, 4, tinyBatch());
    const state = await firstPart.optimizerState();
    await using resumed = await engine().compile(tinyUNet());
    await resumed.setWeights(await killed.weights());
    await using rest = await open(resumed);
    await rest.setOptimizerState(state);
    expectSame(await rest.optimizerState(), state);
    await stepTimes(rest, 4, tinyBatch());
    expectSame(await resumed.weights(), await undisturbed.weights());
    expectSame(await rest.optimizerState(), await whole.optimizerState());
    expect((await rest.optimizerState()).get('loss_scale')?.data[0]).toBe(4096);
  });

  it('keeps no scale in its state without loss scaling, and refuses a state without one with it', async () => {
    await using network = await tiny();
    await using unscaled = await network.train(setup(outputs), []);
    const state = await unscaled.optimizerState();
    expect(state.has('loss_scale')).toBe(false);
    await using scaled = await network.train(setup(outputs, { lossScaling: scaling({}) }), []);
    const refusal = scaled.setOptimizerState(state);
    await expect(refusal).rejects.toBeInstanceOf(RangeError);
    await expect(refusal).rejects.toThrow('loss_scale');
  });
}
