// What is the torch engine's own; what every engine does is in `engines.test.ts`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, GatheredBatch } from '#compute/engine.ts';
import { openEngine } from '#compute/open-engine.ts';
import { AUGMENTATIONS } from '#core/augmentation/settings.ts';
import { extentNet } from '#core/geometry/axes.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensors } from '#core/network/tensor.ts';
import { drawTrainingBatch, patchSource } from '#core/training/draw-batch-plan.ts';
import { madeUpCase, writeCases } from '#test/engine/case-files.ts';
import { expectSame } from '#test/engine/network-tests.ts';
import { sineWeights, smallUNet, tinyUNet } from '#test/engine/sample-networks.ts';
import { setup, stepTimes } from '#test/engine/setups.ts';
import { formulaBatch } from '#test/engine/tiny-batch.ts';
import { engineAbsence } from '#test/engine-absence.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const absence = await engineAbsence('torch');
const describeWithTorch = absence === null || process.env.REQUIRE_TORCH === '1' ? describe : describe.skip;

const open = (threads: number): Promise<Engine> =>
  openEngine({ engine: 'torch', device: 'cpu', dtype: 'float32', threads });

/** Large enough for every operation to be split among threads. */
const unet3d = (): NetworkGraph =>
  smallUNet(
    [
      [1, 1, 1],
      [2, 2, 2],
      [1, 2, 2],
    ],
    [8, 12, 20],
    1,
  );

const batch3d = (): GatheredBatch =>
  formulaBatch({
    shape: [2, 1, 16, 24, 20],
    image: (i) => Math.sin(0.01 * i),
    heads: 3,
    targetExtents: [
      [16, 24, 20],
      [8, 12, 10],
    ],
  });

describeWithTorch(`engine torch alone${absence === null ? '' : ` (skipped: ${absence})`}`, () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open(2);
  });
  afterAll(async () => {
    await engine[Symbol.asyncDispose]();
  });

  it.each([1, 2])('gives the same bits again on %i threads, in an engine of its own', async (threads) => {
    const run = async (): Promise<{ weights: Tensors; state: Tensors }> => {
      await using own = await open(threads);
      await using network = await own.compile(unet3d());
      await network.setWeights(sineWeights(network.graph));
      await using training = await network.train(setup([1, 0]), []);
      await stepTimes(training, 4, batch3d());
      return { weights: await network.weights(), state: await training.optimizerState() };
    };
    const first = await run();
    const second = await run();
    expectSame(second.weights, first.weights);
    expectSame(second.state, first.state);
  });

  it('gives the same bits from a plan with every augmentation that it draws', async () => {
    await using folder = await temporaryFolder();
    const cases = [madeUpCase([20, 30, 28], 1, 0), madeUpCase([9, 40, 17], 1, 1)];
    const files = await writeCases(folder.path, cases);
    const source = patchSource(
      cases.map(({ shape }) => ({ shape, classLocations: [] })),
      { patchSize: extentNet([8, 16, 20]), batchSize: 2, useMaskForNorm: [true] },
      { oversampleForeground: 0.33, settings: AUGMENTATIONS.v2, previousStageLabels: 0 },
    );
    const run = async (): Promise<Tensors> => {
      await using network = await engine.compile(unet3d());
      await network.setWeights(sineWeights(network.graph));
      await using training = await network.train(setup([1, 0]), files);
      for (let iteration = 0; iteration < 6; iteration++)
        await training.step(drawTrainingBatch(source, { seed: 0, epoch: 0, iteration }), 0.01);
      return await network.weights();
    };
    expectSame(await run(), await run());
  });

  it.each([
    { name: 'network', of: async () => await engine.compile(tinyUNet()) },
    {
      name: 'engine',
      of: async () => {
        const own = await open(1);
        return { weights: () => own.compile(tinyUNet()), [Symbol.asyncDispose]: () => own[Symbol.asyncDispose]() };
      },
    },
    {
      name: 'training',
      of: async () => {
        const network = await engine.compile(tinyUNet());
        const training = await network.train(setup([1, 0, 0]), []);
        return {
          weights: () => training.optimizerState(),
          [Symbol.asyncDispose]: () => training[Symbol.asyncDispose](),
        };
      },
    },
  ])('a $name that was disposed of says so, and may be disposed of again', async ({ name, of }) => {
    const held = await of();
    await held[Symbol.asyncDispose]();
    await expect(held.weights()).rejects.toThrow(`the ${name} was disposed of`);
    await held[Symbol.asyncDispose]();
  });

  it('finishes a call that was made before its network was disposed of', async () => {
    const network = await engine.compile(unet3d());
    await network.setWeights(sineWeights(network.graph));
    const outputs = network.forward(batch3d().image);
    await network[Symbol.asyncDispose]();
    expect((await outputs).map(({ shape }) => shape[1])).toEqual([3, 3]);
  });

  it('lets timers fire during a step', async () => {
    await using network = await engine.compile(unet3d());
    await using training = await network.train(setup([1, 0]), []);
    const given = batch3d();
    let fired = 0;
    const timer = setInterval(() => fired++, 1);
    await stepTimes(training, 20, given);
    clearInterval(timer);
    expect(fired).toBeGreaterThan(10);
  });

  it('reads arrays in place only until the call is done', async () => {
    await using network = await engine.compile(tinyUNet());
    const weights = sineWeights(network.graph);
    await network.setWeights(weights);
    const read = await network.weights();
    for (const { data } of read.values()) data.fill(7);
    expectSame(await network.weights(), weights);
  });

  it('refuses a network wider than its kernels', async () => {
    const wide = smallUNet(
      [
        [1, 1],
        [2, 2],
      ],
      [2, 1025],
      1,
    );
    await expect(engine.compile(wide)).rejects.toThrow('expected at most 1024 channels per node, got 1025');
  });

  it('keeps its memory over many steps', { timeout: 120_000 }, async () => {
    await using network = await engine.compile(unet3d());
    await using training = await network.train(setup([1, 0]), []);
    const given = batch3d();
    const steps = async (count: number): Promise<number> => {
      await stepTimes(training, count, given);
      return process.memoryUsage.rss();
    };
    await steps(30);
    const before = await steps(1);
    const after = await steps(100);
    // A step holds about 5 MB of activations; one of them lost per step would be 500 MB.
    expect(after - before).toBeLessThan(60e6);
  });

  it('frees networks and trainings', { timeout: 120_000 }, async () => {
    const rounds = async (count: number): Promise<number> => {
      for (let round = 0; round < count; round++) {
        await using network = await engine.compile(
          smallUNet(
            [
              [1, 1],
              [2, 2],
            ],
            [64, 256],
            1,
          ),
        );
        await using training = await network.train(setup([1]), []);
        await training.optimizerState();
      }
      return process.memoryUsage.rss();
    };
    const before = await rounds(10);
    const after = await rounds(40);
    // Weights and momentum of one round are about 10 MB.
    expect(after - before).toBeLessThan(100e6);
  });
});
