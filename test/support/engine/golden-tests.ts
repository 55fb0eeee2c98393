// Golden values: nnU-Net v2 2.8.1 on torch 2.11.0; how they were made and their tolerances are in the README beside
// them.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Engine, GatheredBatch } from '#compute/engine.ts';
import { product } from '#core/geometry/axes.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import { parseArchitecture } from '#formats/plans-json.ts';
import { assertClose } from '#test/assert-close.ts';
import { goldenLoss, goldenLossIds } from '#test/golden-losses.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { formulaWeights, identityNetwork, identityWeights, named, tensorOf } from './sample-networks.ts';
import { setup } from './setups.ts';
import { formulaBatch } from './tiny-batch.ts';

interface GoldenNetwork {
  architecture: unknown;
  input_channels: number;
  heads: number;
  small: {
    features_per_stage: number[];
    input_shape: number[];
    batch_dice: boolean;
    ds_weights: number[];
    max_abs_float32_minus_float64_out: number[];
    steps: {
      loss: number;
      outputs: { shape: number[]; sum: number; sum_abs: number }[];
      grads?: Record<string, { l2: number; sum: number } | null>;
      grad_norm_before_clip?: number;
      param_l2_after_step?: Record<string, number>;
    }[];
  };
}

const json = <T>(path: string): T => JSON.parse(readFileSync(sharedPath(`golden/${path}`), 'utf8')) as T;

const arrays = (path: string): Map<string, NpyArray> => readNpz(readFileSync(sharedPath(`golden/${path}`)));

function arrayOf(found: Map<string, NpyArray>, name: string): NpyArray {
  const array = found.get(name);
  if (!array) throw new RangeError(`expected an array ${name} among ${[...found.keys()]}`);
  return array;
}

/** As the plans say, with other features. */
const graphOf = (architecture: unknown, features: readonly number[], channels: number, heads: number): NetworkGraph =>
  buildNetwork({ ...parseArchitecture(architecture), featuresPerStage: features }, channels, heads);

/** Networks, losses and predictions beside nnU-Net. */
export function testsGolden(engine: () => Engine): void {
  describeWithShared('beside nnU-Net', 'golden/networks', () => {
    const plain = ['d004_2d', 'd004_3d', 'aniso_plain'];
    const residual = ['aniso_resenc', 'd004_resencM_3d'];
    it.each([...plain, ...residual])(
      '%s: outputs, loss, gradients and, of a plain network, three SGD steps',
      async (name) => {
        const { architecture, small, input_channels: channels, heads } = json<GoldenNetwork>(`networks/${name}.json`);
        await using network = await engine().compile(graphOf(architecture, small.features_per_stage, channels, heads));
        await network.setWeights(formulaWeights(network.graph));
        const batch = goldenBatch(small, heads);

        const outputs = await network.forward(batch.image);
        const golden = arrays(`networks/${name}.npz`);
        for (const [k, output] of outputs.entries()) {
          expect(output.shape).toEqual(small.steps[0]?.outputs[k]?.shape);
          const tolerance = Math.max(1e-4, 10 * (small.max_abs_float32_minus_float64_out[k] ?? 0));
          const { want, step } = thinned((stored) => golden.get(stored), `out${k}_step0`);
          assertClose(
            everyNth(output.shape.slice(2), output.data, step),
            want,
            { atol: tolerance },
            `output ${k}, entry`,
          );
        }

        const options = setup(small.ds_weights, { batchDice: small.batch_dice });
        await using training = await network.train(options, []);
        const { loss, gradients } = await training.gradients(batch);
        assertClose([loss], [small.steps[0]?.loss ?? Number.NaN], { atol: 1e-5 }, 'loss');
        // In a residual encoder whose bottleneck has a dozen voxels, the formula weights make norms of nearly constant
        // channels: the reference's own float32 gradients are by tenths of their size from those of float64, and so are
        // the steps that follow. The heads stand above that; `gradient-tests.ts` holds every layer, on other weights.
        const residual = name.includes('resenc');
        const wanted = Object.entries(small.steps[0]?.grads ?? {});
        expectGradients(gradients, Object.fromEntries(wanted.filter(([of]) => !residual || of.includes('seg_layers'))));
        if (residual) return;

        for (const [index, step] of small.steps.entries()) {
          const result = await training.stepOn(batch, 0.01);
          assertClose([result.loss], [step.loss], { atol: 1e-5 }, 'loss');
          if (step.grad_norm_before_clip === undefined || !step.param_l2_after_step) continue;
          // Rounding of the first steps decides on which side of a leaky ReLU's kink later activations fall.
          const rtol = index === 0 ? 1e-3 : 1e-2;
          assertClose([result.gradientNorm], [step.grad_norm_before_clip], { rtol }, 'gradient norm');
          const weights = await network.weights();
          // A step moves a weight by about 1e-3 of itself.
          for (const [parameter, l2] of Object.entries(step.param_l2_after_step))
            assertClose([norm(named(weights, parameter).data)], [l2], { rtol: rtol / 1000, atol: 1e-7 }, parameter);
        }
      },
    );

    it.each(goldenLossIds)('%s: value and gradient of the loss', async (id) => {
      const { logits, target, labels, batchDice, value, gradient } = goldenLoss(id);
      const [, heads = 0] = logits.shape;
      await using network = await engine().compile(identityNetwork(heads, id.startsWith('2d') ? 2 : 3));
      await network.setWeights(identityWeights(network.graph));
      await using training = await network.train(setup([1], { labels, batchDice }), []);
      const { loss, gradients } = await training.gradients({ image: logits, targets: [target] });
      assertClose([loss], [value], { atol: 1e-6 }, 'loss');
      const want = throughIdentity(gradient, logits);
      // Sums of up to 360 gradients, each within 1e-7.
      assertClose(named(gradients, 'head.bias').data, want.bias, { atol: 5e-7 }, 'gradient of bias');
      assertClose(named(gradients, 'head.weight').data, want.weight, { atol: 2e-6 }, 'gradient of weight');
    });

    it.each([
      {
        id: 't3_mirror',
        tile: [24, 32, 24],
        starts: [
          [0, 11],
          [0, 10, 19],
          [0, 11],
        ],
      },
      {
        id: 't2_mirror',
        tile: [40, 24],
        starts: [
          [0, 11],
          [0, 11],
        ],
      },
      {
        id: 't3_plain_nogauss075',
        tile: [24, 32, 24],
        starts: [
          [0, 11],
          [0, 19],
          [0, 11],
        ],
      },
    ])('$id: sliding-window logits', { timeout: 300_000 }, async ({ id, tile, starts }) => {
      const sliding = json<{ cases: Record<string, GoldenPrediction> }>('inference/sliding_window.json').cases[id];
      const configurations = json<{ configurations: Record<string, { architecture: unknown }> }>(
        'inference/plans.json',
      ).configurations;
      const architecture = configurations[sliding?.config ?? '']?.architecture;
      if (!sliding || !architecture) throw new RangeError(`the golden files have no prediction ${id}`);
      await using network = await engine().compile(buildNetwork(parseArchitecture(architecture), 1, sliding.heads));
      await network.setWeights(predictionWeights(network.graph, sliding.last_head_bias));

      const data = arrayOf(arrays('preprocessing/hippocampus_001__3d_fullres.npz'), 'data');
      const tiles: TilePlan = {
        tileSize: tile,
        starts,
        weight: sliding.use_gaussian ? gaussian(tile) : new Float32Array(product(tile)).fill(1),
        mirrorAxes: sliding.mirror ? tile.map((_, axis) => axis) : [],
      };
      const logits = await network.predict({ shape: data.shape, data: Float32Array.from(data.data) }, tiles);
      expect(logits.shape).toEqual(sliding.logits.shape);
      const golden = arrays('inference/sliding_window.npz');
      const { want, step } = thinned((stored) => golden.get(stored), `logits_${id}`);
      const have = everyNth(logits.shape.slice(1), logits.data, step);
      // nnU-Net adds up to 12 tiles in float16, rounding to 11 bits each time. Where the weights are smaller than 0.01,
      // it has fewer bits left, down to multiples of 6e-8, and the reference is coarse.
      const weights = everyNth(logits.shape.slice(1), summedWeights(logits.shape, tiles), step);
      const heavy = (_: number, i: number): boolean => (weights[i] ?? 0) >= 0.01;
      expect(weights.filter(heavy).length / weights.length).toBeGreaterThan(0.6);
      assertClose(have.filter(heavy), Float32Array.from(want).filter(heavy), { atol: 0.02, rtol: 0.003 }, 'logit');
    });
  });
}

interface GoldenPrediction {
  config: string;
  heads: number;
  last_head_bias: number[];
  mirror: boolean;
  use_gaussian: boolean;
  logits: { shape: number[] };
}

function goldenBatch(small: GoldenNetwork['small'], heads: number): GatheredBatch {
  const targetExtents = (small.steps[0]?.outputs ?? []).map(({ shape }) => shape.slice(2));
  return formulaBatch({ shape: small.input_shape, image: (i) => Math.sin(0.01 * i), heads, targetExtents });
}

/** A golden array, of all entries or of every second or third voxel per axis longer than 1, and which. */
function thinned(
  golden: (name: string) => NpyArray | undefined,
  name: string,
): { want: ArrayLike<number>; step: number } {
  const steps = { [name]: 1, [`${name}_every2nd`]: 2, [`${name}_every3rd`]: 3 };
  for (const [stored, step] of Object.entries(steps)) {
    const array = golden(stored);
    if (array) return { want: array.data, step };
  }
  throw new RangeError(`no golden array ${name}`);
}

function everyNth(spatial: readonly number[], data: Float32Array, step: number): Float32Array {
  return data.filter((_, i) => {
    let rest = i;
    return [...spatial].reverse().every((extent) => {
      const position = rest % extent;
      rest = Math.floor(rest / extent);
      return extent === 1 || position % step === 0;
    });
  });
}

function expectGradients(gradients: Tensors, golden: Record<string, { l2: number; sum: number } | null>): void {
  for (const [name, want] of Object.entries(golden)) {
    expect(gradients.has(name), name).toBe(want !== null);
    if (!want) continue;
    const { data } = named(gradients, name);
    // The bias before a norm has no gradient but rounding: below 1e-6.
    assertClose([norm(data)], [want.l2], { rtol: 1e-3, atol: 1e-6 }, `L2 of gradient of ${name}`);
    const terms = Math.sqrt(data.length);
    assertClose(
      [data.reduce((a, b) => a + b, 0)],
      [want.sum],
      { atol: 1e-3 * want.l2 * terms + 1e-6 },
      `sum of ${name}`,
    );
  }
}

const norm = (values: Float32Array): number => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** Gradients of the identity convolution's weight (out, in) and bias, from those of its output. */
function throughIdentity(gradient: NpyArray, input: Tensor): { weight: number[]; bias: number[] } {
  const [samples = 0, heads = 0, ...spatial] = gradient.shape;
  const voxels = product(spatial);
  const sum = (term: (at: (head: number) => number) => number): number => {
    let total = 0;
    for (let n = 0; n < samples; n++)
      for (let voxel = 0; voxel < voxels; voxel++) total += term((head) => (n * heads + head) * voxels + voxel);
    return total;
  };
  const each = Array.from({ length: heads }, (_, head) => head);
  return {
    bias: each.map((head) => sum((at) => gradient.data[at(head)] ?? 0)),
    weight: each.flatMap((out) =>
      each.map((from) => sum((at) => (gradient.data[at(out)] ?? 0) * (input.data[at(from)] ?? 0))),
    ),
  };
}

/** Formula weights with strong heads, so that labels are not ties: see the README beside the golden files. */
function predictionWeights(graph: NetworkGraph, lastHeadBias: readonly number[]): Tensors {
  const weights = new Map(formulaWeights(graph));
  const last = graph.outputs.length - 1;
  for (const [name, { shape, data }] of weights) {
    if (!name.startsWith('decoder.seg_layers.')) continue;
    if (name.endsWith('.weight')) weights.set(name, { shape, data: data.map((x) => x * 60) });
    else
      weights.set(
        name,
        tensorOf(shape, (i) => (name.startsWith(`decoder.seg_layers.${last}.`) ? (lastHeadBias[i] ?? 0) : 0)),
      );
  }
  return weights;
}

/** The weights that went into each voxel, repeated per head. */
function summedWeights([heads = 0, ...shape]: readonly number[], { tileSize, starts, weight }: TilePlan): Float32Array {
  const perAxis = tileSize.length === 2 ? [[0], ...starts] : starts;
  const extent = tileSize.length === 2 ? [1, ...tileSize] : tileSize;
  const plane = product(shape.slice(1));
  const sums = new Float32Array(product(shape));
  const [a = [], b = [], c = []] = perAxis;
  for (const z of a)
    for (const y of b)
      for (const x of c)
        for (const [i, w] of weight.entries()) {
          const [, h = 1, width = 1] = extent;
          const row = z + Math.floor(i / (h * width));
          const at = row * plane + (y + (Math.floor(i / width) % h)) * (shape[2] ?? 1) + x + (i % width);
          sums[at] = (sums[at] ?? 0) + w;
        }
  const slices = tileSize.length === 2 ? sums.map((_, i) => sums[i % plane] ?? 0) : sums;
  return Float32Array.from({ length: heads * slices.length }, (_, i) => slices[i % slices.length] ?? 0);
}

/** nnU-Net's importance map, written out here so that this test rests on the engine alone. */
function gaussian(tile: readonly number[]): Float32Array {
  const values = tensorOf(tile, (i) => {
    let rest = i;
    let exponent = 0;
    for (const extent of [...tile].reverse()) {
      const distance = (rest % extent) - Math.floor(extent / 2);
      exponent -= 0.5 * (distance / (extent / 8)) ** 2;
      rest = Math.floor(rest / extent);
    }
    return Math.f16round(10 * Math.exp(exponent));
  }).data;
  const smallest = values.reduce((least, x) => (x > 0 && x < least ? x : least), 10);
  return values.map((x) => x || smallest);
}
