// Golden values: nnU-Net v2 2.8.1 on torch 2.11.0; how they were made and their tolerances are in the README beside
// them. Residual networks are not built yet.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Engine, GatheredBatch } from '#compute/engine.ts';
import { product } from '#core/geometry/axes.ts';
import type { TilePlan } from '#core/inference/tile-plan.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { NetworkGraph } from '#core/network/graph.ts';
import type { Tensors } from '#core/network/tensor.ts';
import type { Architecture } from '#core/planning/plans.ts';
import { assertClose } from '#test/assert-close.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { formulaWeights, identityNetwork, identityWeights, named, tensorOf } from './sample-networks.ts';
import { setup } from './setups.ts';
import { formulaBatch } from './tiny-batch.ts';

interface GoldenArchitecture {
  arch_kwargs: {
    features_per_stage: number[];
    kernel_sizes: number[][];
    strides: number[][];
    n_conv_per_stage: number[];
    n_conv_per_stage_decoder: number[];
  };
}

interface GoldenNetwork {
  architecture: GoldenArchitecture;
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

function arrays(path: string): (name: string) => NpyArray {
  const found = readNpz(readFileSync(sharedPath(`golden/${path}`)));
  return (name) => {
    const array = found.get(name);
    if (!array) throw new RangeError(`${path} has no array ${name}, only ${[...found.keys()]}`);
    return array;
  };
}

function graphOf(
  golden: GoldenArchitecture,
  features: readonly number[],
  channels: number,
  heads: number,
): NetworkGraph {
  const { arch_kwargs: kwargs } = golden;
  const architecture: Architecture = {
    kind: 'PlainConvUNet',
    dimensions: kwargs.strides[0]?.length === 2 ? 2 : 3,
    featuresPerStage: features,
    kernelSizes: kwargs.kernel_sizes,
    strides: kwargs.strides,
    encoderBlocksPerStage: kwargs.n_conv_per_stage,
    decoderConvolutionsPerStage: kwargs.n_conv_per_stage_decoder,
    convolutionBias: true,
    normEpsilon: 1e-5,
  };
  return buildNetwork(architecture, channels, heads);
}

/** Networks, losses and predictions beside nnU-Net. */
export function testsGolden(engine: () => Engine): void {
  describeWithShared('beside nnU-Net', 'golden/networks', () => {
    it.each(['d004_2d', 'd004_3d', 'aniso_plain'])('%s: outputs, loss, gradients and three SGD steps', async (name) => {
      const { architecture, small, input_channels: channels, heads } = json<GoldenNetwork>(`networks/${name}.json`);
      await using network = await engine().compile(graphOf(architecture, small.features_per_stage, channels, heads));
      await network.setWeights(formulaWeights(network.graph));
      const batch = goldenBatch(small, heads);

      const outputs = await network.forward(batch.image);
      const golden = arrays(`networks/${name}.npz`);
      for (const [k, output] of outputs.entries()) {
        expect(output.shape).toEqual(small.steps[0]?.outputs[k]?.shape);
        const tolerance = Math.max(1e-4, 10 * (small.max_abs_float32_minus_float64_out[k] ?? 0));
        const { want, have } = comparable(golden, `out${k}_step0`, output);
        assertClose(have, want, { atol: tolerance }, `output ${k}, entry`);
      }

      const options = setup(small.ds_weights, { batchDice: small.batch_dice });
      await using training = await network.train(options, []);
      const { loss, gradients } = await training.gradients(batch);
      assertClose([loss], [small.steps[0]?.loss ?? Number.NaN], { atol: 1e-5 }, 'loss');
      expectGradients(gradients, small.steps[0]?.grads ?? {});

      for (const step of small.steps) {
        const result = await training.stepOn(batch, 0.01);
        assertClose([result.loss], [step.loss], { atol: 1e-5 }, 'loss');
        if (step.grad_norm_before_clip === undefined || !step.param_l2_after_step) continue;
        assertClose([result.gradientNorm], [step.grad_norm_before_clip], { rtol: 1e-3 }, 'gradient norm');
        const weights = await network.weights();
        // float32 gradients differ by 1e-3 at most, and a step moves a weight by 1e-3 of itself.
        for (const [parameter, l2] of Object.entries(step.param_l2_after_step))
          assertClose([norm(named(weights, parameter).data)], [l2], { rtol: 1e-6, atol: 1e-7 }, parameter);
      }
    });

    it.each(['2d_bd0', '2d_bd1', '3d_bd0', '3d_bd1'])('%s_dc_ce: value and gradient of the loss', async (name) => {
      const id = `${name}_dc_ce`;
      const value = json<{ id: string; value: number }[]>('losses/losses.json').find((loss) => loss.id === id)?.value;
      const golden = arrays('losses/losses.npz');
      const dimensions = id.startsWith('2d') ? 2 : 3;
      const logits = golden(`${dimensions}d_logits`);
      const labels = golden(`${dimensions}d_labels`);
      const [samples = 0, heads = 0, ...spatial] = logits.shape;
      await using network = await engine().compile(identityNetwork(heads, dimensions));
      await network.setWeights(identityWeights(network.graph));
      await using training = await network.train(setup([1], { batchDice: id.includes('bd1') }), []);
      const { loss, gradients } = await training.gradients({
        image: { shape: logits.shape, data: Float32Array.from(logits.data) },
        targets: [{ shape: [samples, ...spatial], data: Int16Array.from(labels.data) }],
      });
      assertClose([loss], [value ?? Number.NaN], { atol: 1e-6 }, 'loss');
      const want = throughIdentity(golden(`${id}_grad`), logits);
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
      const configurations = json<{ configurations: Record<string, { architecture: GoldenArchitecture }> }>(
        'inference/plans.json',
      ).configurations;
      const architecture = configurations[sliding?.config ?? '']?.architecture;
      if (!sliding || !architecture) throw new RangeError(`the golden files have no prediction ${id}`);
      const features = architecture.arch_kwargs.features_per_stage;
      await using network = await engine().compile(graphOf(architecture, features, 1, sliding.heads));
      await network.setWeights(predictionWeights(network.graph, sliding.last_head_bias));

      const data = arrays('preprocessing/hippocampus_001__3d_fullres.npz')('data');
      const tiles: TilePlan = {
        tileSize: tile,
        starts,
        weight: sliding.use_gaussian ? gaussian(tile) : new Float32Array(product(tile)).fill(1),
        mirrorAxes: sliding.mirror ? tile.map((_, axis) => axis) : [],
      };
      const logits = await network.predict({ shape: data.shape, data: Float32Array.from(data.data) }, tiles);
      expect(logits.shape).toEqual(sliding.logits.shape);
      const { want, have } = comparable(arrays('inference/sliding_window.npz'), `logits_${id}`, logits);
      // nnU-Net adds up in float16, whose step at 16 to 32 is 0.016.
      assertClose(have, want, { atol: 0.02 }, 'logit');
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

/** A golden array and what it says of ours: all entries, or every second or third voxel per axis longer than 1. */
function comparable(
  golden: (name: string) => NpyArray,
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
): { want: ArrayLike<number>; have: ArrayLike<number> } {
  for (const [suffix, step] of [
    ['', 1],
    ['_every2nd', 2],
    ['_every3rd', 3],
  ] as const) {
    try {
      return { want: golden(`${name}${suffix}`).data, have: everyNth(shape, data, step) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new RangeError(`no golden array ${name}`);
}

function everyNth(shape: readonly number[], data: Float32Array, step: number): Float32Array {
  const spatial = shape.slice(-(shape.length > 4 ? 3 : shape.length - 1));
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
function throughIdentity(gradient: NpyArray, input: NpyArray): { weight: number[]; bias: number[] } {
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
