// Golden values: nnU-Net v2 2.8.1, DC_and_CE_loss on the logits and labels of losses.npz. Ours computes in float64, the
// golden values in float32: the loss agrees within 1e-6, gradients within 1e-7, as the README beside them asks.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { diceCrossEntropy } from '#core/training/dice-cross-entropy.ts';
import { assertClose } from '#test/assert-close.ts';
import { type NpyArray, readNpz } from '#test/npy.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

describeWithShared('losses beside nnU-Net', 'golden/losses/losses.npz', () => {
  it.each(['2d_bd0', '2d_bd1', '3d_bd0', '3d_bd1'])('%s_dc_ce', (name) => {
    const arrays = readNpz(readFileSync(sharedPath('golden/losses/losses.npz')));
    const losses = JSON.parse(readFileSync(sharedPath('golden/losses/losses.json'), 'utf8')) as Loss[];
    const want = losses.find(({ id }) => id === `${name}_dc_ce`);
    const logits = arrayOf(arrays, `${name.slice(0, 2)}_logits`);
    const labels = arrayOf(arrays, `${name.slice(0, 2)}_labels`);
    const { loss, gradient } = diceCrossEntropy(
      { shape: logits.shape, data: Float32Array.from(logits.data) },
      { shape: labels.shape.filter((_, axis) => axis !== 1), data: Int16Array.from(labels.data) },
      name.endsWith('bd1'),
    );
    expect(Math.abs(loss - (want?.value_float64_logits ?? Number.NaN))).toBeLessThan(1e-6);
    assertClose(gradient, arrayOf(arrays, `${name}_dc_ce_grad`).data, { atol: 1e-7 }, 'gradient');
  });
});

interface Loss {
  id: string;
  value_float64_logits: number;
}

function arrayOf(arrays: Map<string, NpyArray>, name: string): NpyArray {
  const array = arrays.get(name);
  if (!array) throw new RangeError(`losses.npz has no array ${name}`);
  return array;
}
