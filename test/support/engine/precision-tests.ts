// What an engine that trains in a reduced precision must do, beside the same engine in float32.
//
// bfloat16 keeps 8 significant bits: each activation is rounded by up to 2^-9 = 0.2 %, in both directions alike. float16
// keeps 11, so that it may err by an eighth of that.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, Network, Training } from '#compute/engine.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import { type LossScaling, lossScalingOf } from '#core/training/loss-scale.ts';
import { gradientNorm } from '#core/training/optimizer.ts';
import type { Precision } from '#core/training/precision.ts';
import { aBatchPlan } from '#test/a-batch-plan.ts';
import { assertClose } from '#test/assert-close.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { madeUpCase, writeCases } from './case-files.ts';
import { expectSame } from './network-tests.ts';
import { named, pooledSum, residualUNet, sineWeights, smallUNet, tensorOf, tinyUNet } from './sample-networks.ts';
import { adamw, setup, sgd, stepTimes } from './setups.ts';
import { formulaBatch, tinyBatch } from './tiny-batch.ts';

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

const networks = [
  { name: 'a plain 2D network', graph: tinyUNet, batch: tinyBatch, outputs: [2 / 3, 1 / 3, 0] },
  {
    name: 'a residual network',
    graph: residualUNet,
    batch: () =>
      formulaBatch({
        shape: [2, 1, 16, 16],
        image: (i) => Math.cos(i * i),
        heads: 3,
        targetExtents: [
          [16, 16],
          [8, 8],
        ],
      }),
    outputs: [2 / 3, 1 / 3],
  },
  {
    name: 'a plain 3D network',
    graph: unet3d,
    batch: () =>
      formulaBatch({
        shape: [2, 1, 16, 24, 20],
        image: (i) => Math.sin(0.01 * i),
        heads: 3,
        targetExtents: [
          [16, 24, 20],
          [8, 12, 10],
        ],
      }),
    outputs: [2 / 3, 1 / 3],
  },
];

/** The network with nothing but straight lines: rectifiers whose slope is 1. */
const withoutKinks = (graph: NetworkGraph): NetworkGraph => ({
  ...graph,
  nodes: graph.nodes.map((node) => (node.op === 'leaky-relu' ? { ...node, slope: 1 } : node)),
});

type Reduced = Exclude<Precision, 'float32'>;

/** Of what bfloat16 may be off, the part that a precision may. */
const SHARE: Readonly<Record<Reduced, number>> = { bfloat16: 1, float16: 1 / 8 };

/** As trainings have it, but of a scale at which no gradient of these networks overflows. */
function lossScalingIn(dtype: Reduced): LossScaling | null {
  const scaling = lossScalingOf(dtype);
  return scaling && { ...scaling, initialScale: 1024 };
}

/** @param open opens the engine on the CPU with one thread per operation. */
export function testsReducedPrecision(name: string, dtype: Reduced, open: (dtype: Precision) => Promise<Engine>): void {
  describe(`engine ${name} in ${dtype}`, () => {
    const share = SHARE[dtype];
    const lossScaling = lossScalingIn(dtype);
    /** A setup for either precision. */
    const setupIn = (engine: Engine, outputs: readonly number[], optimizer = sgd): TrainingSetup =>
      setup(outputs, { optimizer, lossScaling: engine.numerics.dtype === 'float32' ? null : lossScaling });
    const engines = new Map<Precision, Engine>();
    const engine = (precision: Precision): Engine => {
      const opened = engines.get(precision);
      if (!opened) throw new Error(`engine ${name} is not open in ${precision}`);
      return opened;
    };
    const reduced = () => engine(dtype);
    beforeAll(async () => {
      for (const one of ['float32', dtype] as const) engines.set(one, await open(one));
    }, 60_000);
    afterAll(async () => {
      for (const opened of engines.values()) await opened[Symbol.asyncDispose]();
    });

    /** The same done in float32 and in the reduced precision. */
    const inBoth = async <Result>(work: (engine: Engine) => Promise<Result>): Promise<[Result, Result]> => [
      await work(engine('float32')),
      await work(reduced()),
    ];
    const tiny = async (): Promise<Network> => {
      const network = await reduced().compile(tinyUNet());
      await network.setWeights(sineWeights(network.graph));
      return network;
    };

    it('says so', () => {
      expect(reduced().numerics.dtype).toBe(dtype);
    });

    it('predicts in float32 all the same', async () => {
      const [want, got] = await inBoth(async (one) => {
        await using network = await one.compile(tinyUNet());
        await network.setWeights(sineWeights(network.graph));
        const tiles = { tileSize: [16, 16], starts: [[0, 8], [0]], weight: new Float32Array(256).fill(1) };
        const image = tensorOf([1, 2, 24, 16], (i) => Math.sin(i));
        return [
          ...(await network.forward(tinyBatch().image)),
          await network.predict(image, { ...tiles, mirrorAxes: [0] }),
        ];
      });
      expect(got).toEqual(want);
    });

    it('averages over blocks and adds, of numbers that so few bits hold', async () => {
      await using network = await reduced().compile(pooledSum());
      await using training = await network.train(setupIn(reduced(), [1]), []);
      await network.setWeights(sineWeights(network.graph));
      const batch = {
        image: tensorOf([2, 2, 2, 4], (i) => Math.sin(i)),
        targets: [{ shape: [2, 2, 2], data: Int16Array.of(0, 1, 2, 0, 1, 2, 0, 1) }],
      };
      await using plain = await engine('float32').compile(pooledSum());
      await using exact = await plain.train(setup([1]), []);
      await plain.setWeights(sineWeights(plain.graph));
      const want = await exact.gradients(batch);
      const got = await training.gradients(batch);
      // Logits of order 1, rounded by 0.2 % three times; gradients of order 0.1.
      assertClose([got.loss], [want.loss], { atol: 5e-3 * share }, 'loss');
      for (const [name, { data }] of want.gradients)
        assertClose(named(got.gradients, name).data, data, { atol: 2e-3 * share }, name);
    });

    it.each(networks)('has the gradient of float32 within rounding: $name', async ({ graph, batch, outputs }) => {
      const [want, got] = await inBoth(async (one) => {
        await using network = await one.compile(withoutKinks(graph()));
        await network.setWeights(initializeParameters(network.graph, 0));
        await using training = await network.train(setupIn(one, outputs), []);
        return training.gradients(batch());
      });
      const difference = new Map(
        [...want.gradients].map(([name, { shape, data }]) => [
          name,
          { shape, data: data.map((slope, i) => slope - (named(got.gradients, name).data[i] ?? Number.NaN)) },
        ]),
      );
      // Seen in bfloat16: 0.5 to 1.7 %, the roundings of 13 to 30 layers there and back. With rectifiers it would be 10 % and more of
      // noise: where rounding carries a voxel over the kink, its slope changes from 1 to 0.01.
      const relative = gradientNorm(difference) / gradientNorm(want.gradients);
      expect(relative).toBeLessThan(0.04 * share);
      expect(relative).toBeGreaterThan(0.001 * share);
    });

    it.each(networks)('has nearly the losses of float32, step for step: $name', async ({ graph, batch, outputs }) => {
      const [want, got] = await inBoth(async (one) => {
        await using network = await one.compile(graph());
        await network.setWeights(sineWeights(network.graph));
        await using training = await network.train(setupIn(one, outputs), []);
        const losses: number[] = [];
        for (let step = 0; step < 8; step++) losses.push((await training.stepOn(batch(), 0.01)).loss);
        return losses;
      });
      // Losses of 0.8; seen in bfloat16: up to 3e-4. Rounding of single voxels averages out.
      assertClose(got, want, { atol: 1.5e-3 * share }, 'loss of step');
      expect(got).not.toEqual(want);
    });

    it('learns what float32 learns', { timeout: 60_000 }, async () => {
      const [want, got] = await inBoth(async (one) => {
        await using network = await one.compile(unet3d());
        await network.setWeights(initializeParameters(network.graph, 0));
        await using training = await network.train(setupIn(one, [2 / 3, 1 / 3], adamw), []);
        const losses: number[] = [];
        for (let step = 0; step < 60; step++)
          losses.push((await training.stepOn(networks[2]?.batch() ?? tinyBatch(), 0.003)).loss);
        return losses;
      });
      expect(want[0]).toBeGreaterThan(0.9);
      expect(want.at(-1)).toBeLessThan(-0.7);
      // Seen: 0.003 at the end, 0.02 on the way down, where a step more or less is worth 0.05.
      assertClose([got.at(-1) ?? Number.NaN], [want.at(-1) ?? Number.NaN], { atol: 0.03 }, 'last loss');
      assertClose(got, want, { atol: 0.08 }, 'loss of step');
    });

    it('validates nearly as float32', async () => {
      await using folder = await temporaryFolder();
      const files = await writeCases(folder.path, [madeUpCase([20, 30, 28], 1)]);
      const [want, got] = await inBoth(async (one) => {
        await using network = await one.compile(unet3d());
        await network.setWeights(sineWeights(network.graph));
        await using training = await network.train(setupIn(one, [2 / 3, 1 / 3]), files);
        return training.validate(aBatchPlan([16, 24, 20]));
      });
      assertClose([got.loss], [want.loss], { atol: 3e-3 * share }, 'loss');
      // Of 7680 voxels; those whose two highest logits lie within rounding may change sides.
      assertClose(got.truePositives, want.truePositives, { atol: 80 * share }, 'true positives of head');
    });

    it('keeps weights in float32, so that updates below its bits add up', async () => {
      await using network = await tiny();
      const before = await network.weights();
      await using training = await network.train(setupIn(reduced(), [2 / 3, 1 / 3, 0]), []);
      const { gradients } = await training.gradients(tinyBatch());
      await training.stepOn(tinyBatch(), 1e-3);
      const after = await network.weights();
      let moved = 0;
      for (const [name, { data }] of gradients) {
        const start = named(before, name).data;
        // The first step of SGD with Nesterov momentum 0.99.
        const want = start.map((w, i) => w - 1e-3 * 1.99 * ((data[i] ?? 0) + 3e-5 * w));
        assertClose(named(after, name).data, want, { atol: 1e-7 }, name);
        // The last bit of a weight of 0.25 to 0.5 is worth 2e-3 in bfloat16, 2.4e-4 in float16.
        for (const [i, w] of named(after, name).data.entries()) if (Math.abs(w - (start[i] ?? 0)) > 1e-6) moved++;
      }
      expect(moved).toBeGreaterThan(100);
    });

    it.each([
      { name: 'SGD', optimizer: sgd },
      { name: 'AdamW', optimizer: adamw },
    ])('goes on bit for bit from saved weights and optimiser state under $name', async ({ optimizer }) => {
      const compiled = async (): Promise<Network> => {
        const network = await reduced().compile(unet3d());
        await network.setWeights(initializeParameters(network.graph, 0));
        return network;
      };
      const train = (network: Network): Promise<Training> =>
        network.train(setupIn(reduced(), [2 / 3, 1 / 3], optimizer), []);
      const batch = networks[2]?.batch() ?? tinyBatch();
      await using undisturbed = await compiled();
      await using whole = await train(undisturbed);
      await stepTimes(whole, 5, batch);

      await using killed = await compiled();
      await using firstPart = await train(killed);
      await stepTimes(firstPart, 2, batch);
      await using elsewhere = await open(dtype);
      await using resumed = await elsewhere.compile(unet3d());
      await resumed.setWeights(await killed.weights());
      await using rest = await train(resumed);
      await rest.setOptimizerState(await firstPart.optimizerState());
      await stepTimes(rest, 3, batch);
      expectSame(await resumed.weights(), await undisturbed.weights());
      expectSame(await rest.optimizerState(), await whole.optimizerState());
    });

    it('skips a step whose loss is not finite and changes nothing', async () => {
      await using network = await tiny();
      await using training = await network.train(setupIn(reduced(), [2 / 3, 1 / 3, 0]), []);
      const weights = await network.weights();
      const { image, targets } = tinyBatch();
      image.data[5] = Number.NaN;
      expect(await training.stepOn({ image, targets }, 0.01)).toMatchObject({
        skipped: true,
        lossScale: lossScaling?.initialScale ?? 1,
      });
      expectSame(await network.weights(), weights);
    });
  });
}
