// Golden values: nnU-Net v2 2.8.1, DC_and_CE_loss and DC_and_BCE_loss on the arrays of losses.npz. Ours computes in
// float64, the golden values in float32: the loss agrees within 1e-6, gradients within 1e-7, as the README beside them asks.

import { expect, it } from 'vitest';
import { diceCrossEntropy } from '#core/training/dice-cross-entropy.ts';
import { assertClose } from '#test/assert-close.ts';
import { goldenLoss, goldenLossIds } from '#test/golden-losses.ts';
import { describeWithShared } from '#test/shared.ts';

describeWithShared('losses beside nnU-Net', 'golden/losses/losses.npz', () => {
  it.each(goldenLossIds)('%s', (id) => {
    const golden = goldenLoss(id);
    const { loss, gradient } = diceCrossEntropy(golden.logits, golden.target, golden);
    expect(Math.abs(loss - golden.valueOfFloat64)).toBeLessThan(1e-6);
    assertClose(gradient, golden.gradient.data, { atol: 1e-7 }, 'gradient');
  });
});
