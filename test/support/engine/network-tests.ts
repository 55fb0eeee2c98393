import { expect, it } from 'vitest';
import type { Engine } from '#compute/engine.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import { assertClose } from '#test/assert-close.ts';
import { named, pooledSum, sineWeights, tensorOf, tinyUNet } from './sample-networks.ts';
import { setup } from './setups.ts';
import { tinyBatch } from './tiny-batch.ts';

/** Weights in and out, and the forward pass. */
export function testsNetworks(engine: () => Engine): void {
  it('gives back the weights it was given', async () => {
    await using network = await engine().compile(tinyUNet());
    const weights = sineWeights(network.graph);
    await network.setWeights(weights);
    expect(await network.weights()).toEqual(weights);
  });

  it('starts with all parameters 0', async () => {
    await using network = await engine().compile(tinyUNet());
    for (const [name, { data }] of await network.weights())
      expect(
        data.some((x) => x !== 0),
        name,
      ).toBe(false);
  });

  const misfits: { name: string; change: (weights: Map<string, Tensor>) => void; want: RegExp }[] = [
    {
      name: 'a missing parameter',
      change: (weights) => weights.delete('decoder.seg_layers.1.bias'),
      want: /decoder\.seg_layers\.1\.bias/,
    },
    {
      name: 'an unknown parameter',
      change: (weights) =>
        weights.set(
          'extra.weight',
          tensorOf([1], () => 0),
        ),
      want: /extra\.weight/,
    },
    {
      name: 'a parameter of another shape',
      change: (weights) =>
        weights.set(
          'decoder.seg_layers.1.bias',
          tensorOf([4], () => 0),
        ),
      want: /decoder\.seg_layers\.1\.bias.*3.*4/,
    },
  ];

  it.each(misfits)('refuses weights with $name, naming it, and keeps its own', async ({ change, want }) => {
    await using network = await engine().compile(tinyUNet());
    const own = sineWeights(network.graph);
    await network.setWeights(own);
    const weights = new Map(own);
    change(weights);
    const refusal = network.setWeights(weights);
    await expect(refusal).rejects.toBeInstanceOf(RangeError);
    await expect(refusal).rejects.toThrow(want);
    expect(await network.weights()).toEqual(own);
  });

  it('computes the logits of every output, highest resolution first', async () => {
    await using network = await engine().compile(tinyUNet());
    await network.setWeights(sineWeights(network.graph));
    const outputs = await network.forward(tinyBatch().image);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [2, 3, 16, 16],
      [2, 3, 8, 8],
      [2, 3, 8, 4],
    ]);
    // Values of a float64 PyTorch; float32 sums of 1536 logits agree to about 1e-4.
    const sums = outputs.map(({ data }) => data.reduce((a, b) => a + b, 0));
    const magnitudes = outputs.map(({ data }) => data.reduce((a, b) => a + Math.abs(b), 0));
    assertClose(sums, [355.460495, -119.203288, 57.057684], { atol: 5e-4 }, 'sum of output');
    assertClose(magnitudes, [431.013465, 122.025491, 89.996384], { atol: 5e-4 }, 'sum of absolute values of output');
    const highest = outputs[0]?.data ?? new Float32Array();
    const firstVoxel = [0, 256, 512].map((at) => highest[at] ?? Number.NaN);
    const lastVoxel = [1023, 1279, 1535].map((at) => highest[at] ?? Number.NaN);
    assertClose(firstVoxel, [-0.090296, 0.33581, 0.439309], { atol: 2e-6 }, 'logit of the first voxel');
    assertClose(lastVoxel, [-0.06238, 0.339202, 0.408569], { atol: 2e-6 }, 'logit of the last voxel');
  });

  it('averages over blocks and adds', async () => {
    await using network = await engine().compile(pooledSum());
    const [mean, first] = [Float32Array.of(1, 0, 0, 1, 1, 1), Float32Array.of(0, 0, 1, 0, 0, -1)];
    await network.setWeights(
      new Map([
        ['mean.weight', { shape: [3, 2, 1, 1], data: mean }],
        ['first.weight', { shape: [3, 2, 1, 1], data: first }],
      ]),
    );
    const image = { shape: [1, 2, 1, 4], data: Float32Array.of(1, 2, 3, 5, 10, 30, 50, 90) };
    const [output] = await network.forward(image);
    expect(output?.shape).toEqual([1, 3, 1, 2]);
    // Means of the channels 1.5, 4 and 20, 70; firsts 1, 3 and 10, 50.
    expect([...(output?.data ?? [])]).toEqual([1.5, 4, 21, 73, 11.5, 24]);
  });

  it('has the gradient that small changes show, through means and sums', async () => {
    await using network = await engine().compile(pooledSum());
    await using training = await network.train(setup([1]), []);
    const batch = {
      image: tensorOf([2, 2, 2, 4], (i) => Math.sin(i)),
      targets: [{ shape: [2, 2, 2], data: Int16Array.of(0, 1, 2, 0, 1, 2, 0, 1) }],
    };
    const weights = sineWeights(network.graph);
    await network.setWeights(weights);
    const { gradients } = await training.gradients(batch);
    for (const [name, { shape, data }] of weights) {
      const lossWith = async (at: number, change: number): Promise<number> => {
        await network.setWeights(
          new Map([...weights, [name, { shape, data: data.with(at, (data[at] ?? 0) + change) }]]),
        );
        return (await training.gradients(batch)).loss;
      };
      const slopes: number[] = [];
      for (const at of data.keys()) slopes.push(((await lossWith(at, 0.01)) - (await lossWith(at, -0.01))) / 0.02);
      // Central differences of float32 losses: about 1e-7 / 0.02 of rounding and 1e-4 / 6 of curvature.
      assertClose(named(gradients, name).data, slopes, { atol: 5e-5 }, name);
    }
  });

  it('keeps two networks apart', async () => {
    await using first = await engine().compile(tinyUNet());
    await using second = await engine().compile(tinyUNet());
    await first.setWeights(sineWeights(first.graph));
    const logits = (outputs: readonly Tensor[]): Float32Array | undefined => outputs[0]?.data;
    expect(logits(await second.forward(tinyBatch().image))?.some((x) => x !== 0)).toBe(false);
    expect(logits(await first.forward(tinyBatch().image))?.some((x) => x !== 0)).toBe(true);
  });
}

/** Bit for bit the same tensors. */
export function expectSame(actual: Tensors, expected: Tensors): void {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  for (const [name, { data }] of expected) expect(actual.get(name)?.data, name).toEqual(data);
}
