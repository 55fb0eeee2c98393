// Golden values: float64 gradients of networks that nnU-Net 2.8.1 builds, on torch 2.11.0. `residual_gradients.py` beside
// this file made them and says how.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import { outputExtents } from '#core/network/output-extents.ts';
import { parseArchitecture } from '#formats/plans-json.ts';
import { assertClose } from '#test/assert-close.ts';
import { named, roughWeights } from './sample-networks.ts';
import { setup } from './setups.ts';
import { formulaBatch } from './tiny-batch.ts';

interface GoldenNetwork {
  readonly architecture: unknown;
  readonly input_shape: number[];
  readonly heads: number;
  readonly batch_dice: boolean;
  readonly deep_supervision_weights: number[];
  readonly loss: number;
  /** Of each parameter: L2, sum, sum weighted by cos(i * i); `null` without a gradient. */
  readonly gradients: Record<string, [l2: number, sum: number, weighted: number] | null>;
}

const GOLDEN: Record<string, GoldenNetwork> = JSON.parse(
  readFileSync(new URL('residual-gradients.golden.json', import.meta.url), 'utf8'),
);

/** Float32 PyTorch is within 1.6e-4 of these values, see `float32_distance` in the file. */
const RTOL = 1e-3;

/** The gradient of every layer of a residual network. */
export function testsGradients(engine: () => Engine): void {
  it.each(Object.keys(GOLDEN))('holds for every layer of a residual network: %s', async (name) => {
    const golden = GOLDEN[name];
    if (!golden) throw new RangeError(`no golden network ${name}`);
    const { input_shape: shape, heads, batch_dice: batchDice, deep_supervision_weights: weights } = golden;
    const [, channels = 0, ...spatial] = shape;
    const graph = buildNetwork(parseArchitecture(golden.architecture), channels, heads);
    await using network = await engine().compile(graph);
    await network.setWeights(roughWeights(graph));
    await using training = await network.train(setup(weights, { batchDice }), []);
    const targetExtents = outputExtents(graph, spatial);
    const batch = formulaBatch({ shape, image: (i) => Math.cos(i * i), heads, targetExtents });

    const { loss, gradients } = await training.gradients(batch);

    assertClose([loss], [golden.loss], { atol: 1e-6 }, 'loss');
    for (const [parameter, want] of Object.entries(golden.gradients)) {
      expect(gradients.has(parameter), parameter).toBe(want !== null);
      if (want === null) continue;
      const { data } = named(gradients, parameter);
      const [l2] = want;
      // A difference of RTOL in L2 moves a sum of n entries by at most sqrt(n) of that. Biases before a norm have no
      // gradient but rounding: below 1e-6.
      const atol = RTOL * l2 * Math.sqrt(data.length) + 1e-6;
      const sum = (weight: (i: number) => number) => data.reduce((total, g, i) => total + g * weight(i), 0);
      assertClose([Math.sqrt(sum((i) => data[i] ?? 0))], [l2], { rtol: RTOL, atol: 1e-6 }, `L2 of ${parameter}`);
      assertClose([sum(() => 1), sum((i) => Math.cos(i * i))], want.slice(1), { atol }, `sums of ${parameter}`);
    }
  });
}
