import { expect, it } from 'vitest';
import type { Engine, Network, Training } from '#compute/engine.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { OptimizerOptions } from '#core/training/loss-options.ts';
import { assertClose } from '#test/assert-close.ts';
import { expectSame } from './network-tests.ts';
import { named, residualUNet, sineWeights, tinyUNet } from './sample-networks.ts';
import { adamw, setup, sgd, stepTimes } from './setups.ts';
import { formulaBatch, tinyBatch } from './tiny-batch.ts';

const weightsOfOutputs = [2 / 3, 1 / 3, 0];

/** Steps of the optimiser, and what they leave alone. */
export function testsTraining(engine: () => Engine): void {
  const tiny = async (): Promise<Network> => {
    const network = await engine().compile(tinyUNet());
    await network.setWeights(sineWeights(network.graph));
    return network;
  };

  it('takes the steps that PyTorch takes', async () => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs), []);
    const results = [];
    for (let step = 0; step < 4; step++) results.push(await training.stepOn(tinyBatch(), 0.01));
    // Values of a float64 PyTorch with SGD, momentum 0.99, Nesterov, weight decay 3e-5.
    assertClose(
      results.map(({ loss }) => loss),
      [0.7877873, 0.78747059, 0.78700376, 0.78641655],
      { atol: 2e-6 },
      'loss of step',
    );
    assertClose(
      results.map(({ gradientNorm }) => gradientNorm),
      [0.1269354, 0.1245759, 0.1263168, 0.1147465],
      { atol: 2e-5 },
      'gradient norm of step',
    );
    expect(results.map(({ skipped }) => skipped)).toEqual([false, false, false, false]);
  });

  it('sums over the batch before the Dice ratio when asked', async () => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs, { batchDice: true }), []);
    assertClose([(await training.gradients(tinyBatch())).loss], [0.78767782], { atol: 2e-6 }, 'loss');
  });

  it.each([
    { name: 'SGD', optimizer: sgd },
    { name: 'AdamW', optimizer: adamw },
  ])('updates weights by the rule of $name, worked out from its own gradients', async ({ optimizer }) => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs, { optimizer }), []);
    const expected = ruleOf(optimizer, await network.weights());
    for (let step = 1; step <= 3; step++) {
      const { gradients } = await training.gradients(tinyBatch());
      await training.stepOn(tinyBatch(), 0.02);
      const weights = await network.weights();
      // Weights are below 1; Adam divides by gradients near 0, where float32 has few digits left.
      for (const [name, { data }] of expected(gradients, 0.02, step))
        assertClose(
          named(weights, name).data,
          data,
          { atol: optimizer.kind === 'sgd' ? 1e-7 : 2e-6 },
          `step ${step}, ${name}`,
        );
    }
  });

  it('loses along the gradient of a residual network what the gradient says', async () => {
    await using network = await engine().compile(residualUNet());
    await using training = await network.train(setup([2 / 3, 1 / 3]), []);
    const weights = sineWeights(network.graph);
    await network.setWeights(weights);
    const batch = formulaBatch({
      shape: [2, 1, 16, 16],
      image: (i) => Math.cos(i * i),
      heads: 3,
      targetExtents: [
        [16, 16],
        [8, 8],
      ],
    });
    const { gradients } = await training.gradients(batch);
    const norm = Math.sqrt([...gradients.values()].reduce((sum, { data }) => data.reduce((s, g) => s + g * g, sum), 0));
    const lossAt = async (distance: number): Promise<number> => {
      const moved = [...weights].map(([name, { shape, data }]): [string, Tensor] => [
        name,
        { shape, data: data.map((w, i) => w + (distance * (named(gradients, name).data[i] ?? 0)) / norm) },
      ]);
      await network.setWeights(new Map(moved));
      return (await training.gradients(batch)).loss;
    };
    // Of order 0.1; float32 losses are good to 1e-7 / 2e-3, and kinks of rectifiers lie on the way.
    assertClose([((await lossAt(1e-3)) - (await lossAt(-1e-3))) / 2e-3], [norm], { rtol: 1e-2 }, 'slope');
  });

  it('scales all gradients down to the clip norm before the update', async () => {
    await using network = await tiny();
    const before = await network.weights();
    await using training = await network.train(setup(weightsOfOutputs, { gradientClip: 0.05 }), []);
    const { gradients } = await training.gradients(tinyBatch());
    const { gradientNorm } = await training.stepOn(tinyBatch(), 1);
    expect(gradientNorm).toBeGreaterThan(0.12);
    const after = await network.weights();
    for (const [name, { data }] of gradients) {
      const want = named(before, name).data.map(
        (w, i) => w - (1 + 0.99) * (((data[i] ?? 0) * 0.05) / (gradientNorm + 1e-6) + 3e-5 * w),
      );
      assertClose(named(after, name).data, want, { atol: 1e-6 }, name);
    }
  });

  it.each([
    { name: 'SGD', optimizer: sgd },
    { name: 'AdamW', optimizer: adamw },
  ])('leaves a head of weight 0 alone, by weight decay too, under $name', async ({ optimizer }) => {
    await using network = await tiny();
    const before = await network.weights();
    await using training = await network.train(setup(weightsOfOutputs, { optimizer }), []);
    await stepTimes(training, 3, tinyBatch());
    const after = await network.weights();
    const { gradients } = await training.gradients(tinyBatch());
    for (const name of after.keys()) {
      const unused = name.startsWith('decoder.seg_layers.0');
      expect(gradients.has(name), name).toBe(!unused);
      if (unused) expect(named(after, name).data).toEqual(named(before, name).data);
    }
    expect(named(after, 'decoder.seg_layers.1.weight').data).not.toEqual(
      named(before, 'decoder.seg_layers.1.weight').data,
    );
  });

  it('skips a step whose loss is not finite and changes nothing', async () => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs), []);
    await stepTimes(training, 2, tinyBatch());
    const weights = await network.weights();
    const state = await training.optimizerState();
    const { image, targets } = tinyBatch();
    image.data[5] = Number.NaN;
    const result = await training.stepOn({ image, targets }, 0.01);
    expect(result.skipped).toBe(true);
    expect(Number.isFinite(result.loss) && Number.isFinite(result.gradientNorm)).toBe(false);
    expectSame(await network.weights(), weights);
    expectSame(await training.optimizerState(), state);
    expect((await training.stepOn(tinyBatch(), 0.01)).skipped).toBe(false);
  });

  it.each([
    { name: 'SGD', optimizer: sgd, names: ['momentum'] },
    { name: 'AdamW', optimizer: adamw, names: ['exp_avg', 'exp_avg_sq'] },
  ])('goes on bit for bit from saved weights and optimiser state under $name', async ({ optimizer, names }) => {
    await using undisturbed = await tiny();
    await using whole = await undisturbed.train(setup(weightsOfOutputs, { optimizer }), []);
    await stepTimes(whole, 5, tinyBatch());

    await using killed = await tiny();
    await using firstPart = await killed.train(setup(weightsOfOutputs, { optimizer }), []);
    await stepTimes(firstPart, 2, tinyBatch());
    const saved = { weights: await killed.weights(), state: await firstPart.optimizerState() };
    const trained = [...saved.weights.keys()].filter((name) => !name.startsWith('decoder.seg_layers.0'));
    for (const name of trained) for (const kind of names) expect([...saved.state.keys()]).toContain(`${kind}.${name}`);
    if (optimizer.kind === 'adamw') expect(saved.state.get('step')).toEqual({ shape: [], data: Float32Array.of(2) });

    await using resumed = await engine().compile(tinyUNet());
    await resumed.setWeights(saved.weights);
    await using rest = await resumed.train(setup(weightsOfOutputs, { optimizer }), []);
    await rest.setOptimizerState(saved.state);
    expectSame(await rest.optimizerState(), saved.state);
    await stepTimes(rest, 3, tinyBatch());
    expectSame(await resumed.weights(), await undisturbed.weights());
    expectSame(await rest.optimizerState(), await whole.optimizerState());
  });

  it('refuses an optimiser state of another optimiser, naming what is wrong', async () => {
    await using network = await tiny();
    const state = await stateUnder(network, adamw);
    await using training = await network.train(setup(weightsOfOutputs), []);
    const refusal = training.setOptimizerState(state);
    await expect(refusal).rejects.toBeInstanceOf(RangeError);
    await expect(refusal).rejects.toThrow(/momentum\.|exp_avg/);
  });

  it('works through calls in the order they came, without being awaited', async () => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs), []);
    const steps = [0, 1, 2, 3].map(() => training.stepOn(tinyBatch(), 0.01));
    const losses = (await Promise.all(steps)).map(({ loss }) => loss);
    assertClose(losses, [0.7877873, 0.78747059, 0.78700376, 0.78641655], { atol: 2e-6 }, 'loss of step');
  });

  it('leaves the event loop free while it computes', async () => {
    await using network = await tiny();
    await using training = await network.train(setup(weightsOfOutputs), []);
    let turns = 0;
    let computing = true;
    const turn = (): void => {
      turns++;
      if (computing) setImmediate(turn);
    };
    setImmediate(turn);
    await stepTimes(training, 10, tinyBatch());
    computing = false;
    // Computed on the loop, ten steps would leave it about one turn each.
    expect(turns).toBeGreaterThan(50);
  });
}

async function stateUnder(network: Network, optimizer: OptimizerOptions): Promise<Tensors> {
  await using training: Training = await network.train(setup(weightsOfOutputs, { optimizer }), []);
  await training.stepOn(tinyBatch(), 0.01);
  return await training.optimizerState();
}

type Rule = (gradients: Tensors, rate: number, step: number) => Map<string, { data: number[] }>;

/** The optimiser's rule in float64, on weights of its own. */
function ruleOf(optimizer: OptimizerOptions, start: Tensors): Rule {
  const weights = new Map([...start].map(([name, { data }]) => [name, { data: [...data] }]));
  const firstMoment = new Map<string, number[]>();
  const secondMoment = new Map<string, number[]>();
  return (gradients, rate, step) => {
    for (const [name, gradient] of gradients) {
      const weight = weights.get(name)?.data ?? [];
      const m = firstMoment.get(name) ?? weight.map(() => 0);
      const v = secondMoment.get(name) ?? weight.map(() => 0);
      firstMoment.set(name, m);
      secondMoment.set(name, v);
      for (const [i, g] of gradient.data.entries()) {
        const w = weight[i] ?? 0;
        const previous = m[i] ?? 0;
        if (optimizer.kind === 'sgd') {
          const decayed = g + optimizer.weightDecay * w;
          m[i] = optimizer.momentum * previous + decayed;
          weight[i] = w - rate * (decayed + optimizer.momentum * m[i]);
        } else {
          const { beta1, beta2, epsilon, weightDecay } = optimizer;
          m[i] = beta1 * previous + (1 - beta1) * g;
          v[i] = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g;
          const mean = m[i] / (1 - beta1 ** step);
          const root = Math.sqrt(v[i] / (1 - beta2 ** step));
          weight[i] = w - rate * weightDecay * w - (rate * mean) / (root + epsilon);
        }
      }
    }
    return weights;
  };
}
