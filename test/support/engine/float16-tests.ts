// What sets float16 apart from the other precisions: the smallest number it holds is 2^-24 and the largest 65504, so that
// the loss is scaled for its gradients to lie between. The rule of the scale itself: `loss-scale-tests.ts`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, GatheredBatch, Network, StepResult, Training } from '#compute/engine.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { type LossScaling, lossScalingOf } from '#core/training/loss-scale.ts';
import type { Precision } from '#core/training/precision.ts';
import { assertClose } from '#test/assert-close.ts';
import { expectSame } from './network-tests.ts';
import { identityNetwork, identityWeights, named, tensorOf, tinyUNet } from './sample-networks.ts';
import { setup } from './setups.ts';
import { tinyBatch } from './tiny-batch.ts';

const outputs = [2 / 3, 1 / 3, 0];

/** As trainings have it. */
const GRAD_SCALER = lossScalingOf('float16');

/** @param open opens the engine on the CPU with one thread per operation. */
export function testsFloat16(name: string, open: (dtype: Precision) => Promise<Engine>): void {
  describe(`engine ${name} in float16, whose range is small`, () => {
    let reduced: Engine;
    let single: Engine;
    beforeAll(async () => {
      reduced = await open('float16');
      single = await open('float32');
    }, 60_000);
    afterAll(async () => {
      await reduced?.[Symbol.asyncDispose]();
      await single?.[Symbol.asyncDispose]();
    });

    const tiny = async (engine = reduced): Promise<Network> => {
      const network = await engine.compile(tinyUNet());
      await network.setWeights(initializeParameters(network.graph, 0));
      return network;
    };
    const train = (network: Network, lossScaling: LossScaling | null): Promise<Training> =>
      network.train(setup(outputs, { lossScaling }), []);
    const huge = GRAD_SCALER && { ...GRAD_SCALER, initialScale: 2 ** 40 };

    it('skips steps that overflow under a huge scale, says so, halves the scale and changes nothing else', async () => {
      await using network = await tiny();
      await using training = await train(network, huge);
      const [weights, { loss }] = [await network.weights(), await training.gradients(tinyBatch())];
      const empty = await training.optimizerState();
      const results: StepResult[] = [];
      while (results.length < 60 && results.at(-1)?.skipped !== false) {
        expectSame(await network.weights(), weights);
        results.push(await training.stepOn(tinyBatch(), 0.01));
        if (results.length === 1) {
          const state = await training.optimizerState();
          expect(state.get('loss_scale')?.data[0]).toBe(2 ** 39);
          expect(named(state, 'momentum.encoder.stages.0.0.convs.0.conv.weight')).toEqual(
            named(empty, 'momentum.encoder.stages.0.0.convs.0.conv.weight'),
          );
        }
      }
      expect(results.map(({ lossScale }) => lossScale)).toEqual(results.map((_, i) => 2 ** (40 - i)));
      expect(results.map((result) => result.loss)).toEqual(results.map(() => loss));
      // Gradients of order 1 to 10 in all: the scale that they bear is some powers of two around 2^16.
      expect(results.at(-1)).toMatchObject({ skipped: false, gradientNorm: expect.any(Number) });
      expect(results.length).toBeGreaterThan(20);
      expect(results.length).toBeLessThan(32);
      // float32 bears that scale as it bears all before.
      await using inFloat32 = await tiny(single);
      await using unharmed = await train(inFloat32, huge);
      expect(await unharmed.stepOn(tinyBatch(), 0.01)).toMatchObject({ skipped: false, lossScale: 2 ** 40 });
    });

    it('has the gradients that are too small for it, by the scale of its loss', async () => {
      // Logits of 8 and -8, right at each of 16 voxels, of which half are foreground: probabilities are 1e-7 from the truth
      // and gradients 1e-8 per voxel.
      const foreground = (voxel: number) => voxel % 2 === 1;
      const batch: GatheredBatch = {
        image: tensorOf([1, 2, 4, 4], (i) => (foreground(i) === i >= 16 ? 8 : -8)),
        targets: [{ shape: [1, 4, 4], data: Int16Array.from({ length: 16 }, (_, i) => (foreground(i) ? 1 : 0)) }],
      };
      const gradientOf = async (engine: Engine, lossScaling: LossScaling | null): Promise<Float32Array> => {
        await using network = await engine.compile(identityNetwork(2, 2));
        await network.setWeights(identityWeights(network.graph));
        await using training = await network.train(setup([1], { lossScaling }), []);
        return Float32Array.from(named((await training.gradients(batch)).gradients, 'head.weight').data);
      };
      const want = await gradientOf(single, null);
      const largest = Math.max(...want.map(Math.abs));
      expect(largest).toBeGreaterThan(1e-8);
      expect(await gradientOf(reduced, null)).toEqual(new Float32Array(want.length));
      // Rounded to 11 bits at the logits and at the weights.
      assertClose(await gradientOf(reduced, GRAD_SCALER), want, { atol: largest * 2 ** -9 }, 'gradient');
    });

    it('goes on bit for bit from a state saved while it looks for its scale', async () => {
      await using undisturbed = await tiny();
      await using whole = await train(undisturbed, huge);
      const skipped: boolean[] = [];
      for (let step = 0; step < 36; step++) skipped.push((await whole.stepOn(tinyBatch(), 0.01)).skipped);
      const search = skipped.indexOf(false);
      expect(search).toBeGreaterThan(4);

      await using killed = await tiny();
      await using firstPart = await train(killed, huge);
      for (let step = 0; step < search - 2; step++) await firstPart.stepOn(tinyBatch(), 0.01);
      await using elsewhere = await open('float16');
      await using resumed = await tiny(elsewhere);
      await resumed.setWeights(await killed.weights());
      await using rest = await train(resumed, huge);
      await rest.setOptimizerState(await firstPart.optimizerState());
      for (let step = search - 2; step < 36; step++) await rest.stepOn(tinyBatch(), 0.01);
      expectSame(await resumed.weights(), await undisturbed.weights());
      expectSame(await rest.optimizerState(), await whole.optimizerState());
    });
  });
}
