// A checkpoint that nnU-Net v2 itself wrote (shared/golden/model_small, see golden/README.md), as weights to start from.

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { buildNetwork } from '#core/network/build-network.ts';
import { initializeParameters } from '#core/network/initialize-parameters.ts';
import { withPretrained } from '#core/network/pretrained-parameters.ts';
import { orAbsent } from '#files/or-absent.ts';
import { findPretrained } from '#prediction/pretrained-weights.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';

const FOLDER = 'golden/model_small/nnUNetTrainer__nnUNetPlansSmall__3d_small/fold_0';

/** One for each stage that deep supervision looks at. */
const HEADS = [0, 1, 2].flatMap((stage) => [`decoder.seg_layers.${stage}.weight`, `decoder.seg_layers.${stage}.bias`]);

describeWithShared('a checkpoint of nnU-Net', FOLDER, () => {
  it('starts a training by its own plans with all but its segmentation heads', async () => {
    const open = () => ({ get: (key: string) => orAbsent(() => readFile(sharedPath(`${FOLDER}/${key}`))) });
    const found = await findPretrained(open, 'file:///fold_0/checkpoint_final.pth', '3d_small');
    const { weights, plan } = await found.load();
    if (plan === null) throw new Error('the checkpoint has no plans');
    // Seven labels, where the checkpoint has three.
    const drawn = initializeParameters(buildNetwork(plan.architecture, 1, 7), 0);
    const started = withPretrained(drawn, weights);
    expect([...started.keys()]).toEqual(expect.arrayContaining(HEADS));
    for (const [name, tensor] of started) expect(tensor, name).toBe((HEADS.includes(name) ? drawn : weights).get(name));
  });
});
