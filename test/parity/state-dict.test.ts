// Golden values: the state_dicts of networks that nnU-Net 2.8.1 built, and one checkpoint that its trainer wrote with
// PyTorch 2.11.0 (see shared/golden/README.md). All exact, but for norms that were summed in another order.

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parameterOfKey, stateDictKeys } from '#core/network/state-dict-names.ts';
import { parseTorchCheckpoint, TorchDevice, TorchTensor } from '#formats/torch-checkpoint.ts';
import { assertClose } from '#test/assert-close.ts';
import { describeWithShared, sharedPath } from '#test/shared.ts';
import { trainingSetup } from '../../services/worker/train/training-setup.ts';

const json = (path: string) => JSON.parse(readFileSync(sharedPath(path), 'utf8'));

interface GoldenNetwork {
  readonly full_size: { readonly state_dict: [string, number[]][]; readonly unique_parameters: string[] };
}

describeWithShared('nnU-Net’s names of parameters', 'golden/networks', () => {
  it.each(['d004_2d', 'd004_3d', 'aniso_plain', 'aniso_resenc', 'd004_resencM_3d', 'd103_resencM_2d'])(
    '%s: all keys in order',
    (name) => {
      const { full_size }: GoldenNetwork = json(`golden/networks/${name}.json`);
      const keys = stateDictKeys(full_size.unique_parameters);
      expect(keys.map(({ key }) => key)).toEqual(full_size.state_dict.map(([key]) => key));
      for (const { key, parameter } of keys) expect(parameterOfKey(key)).toBe(parameter);
    },
  );

  it('may carry the prefixes of wrappers', () => {
    expect(parameterOfKey('module._orig_mod.decoder.encoder.stem.convs.0.all_modules.1.bias')).toBe(
      'encoder.stem.convs.0.norm.bias',
    );
  });
});

const FOLD = 'golden/model_small/nnUNetTrainer__nnUNetPlansSmall__3d_small/fold_0';

describeWithShared('a checkpoint of nnU-Net’s trainer', FOLD, () => {
  const checkpoint = parseTorchCheckpoint(readFileSync(sharedPath(`${FOLD}/checkpoint_final.pth`)));
  if (!(checkpoint instanceof Map)) throw new Error('expected a dict');
  const golden = json(`${FOLD}/checkpoint_contents.json`);

  it('has these keys and no others', () => {
    expect([...checkpoint.keys()].sort()).toEqual(golden.keys);
  });

  it('has every weight with its shape and norm, in order', () => {
    const weights: Map<string, unknown> = checkpoint.get('network_weights');
    const tensors = [...weights].map(([name, tensor]) => {
      if (!(tensor instanceof TorchTensor)) throw new Error(`${name} is no tensor`);
      return [name, tensor.toFloat32()] as const;
    });
    expect(golden.state_dict.map(([, , dtype]: [string, number[], string]) => dtype)).toEqual(
      tensors.map(() => 'torch.float32'),
    );
    expect(tensors.map(([name, { shape }]) => [name, [...shape]])).toEqual(
      golden.state_dict.map(([name, shape]: [string, number[]]) => [name, shape]),
    );
    const norms = new Map(tensors.map(([name, { data }]) => [name, Math.hypot(...data)]));
    const golds = Object.entries<number>(golden.weight_l2);
    assertClose(
      golds.map(([name]) => norms.get(name) ?? Number.NaN),
      golds.map(([, norm]) => norm),
      { rtol: 1e-6 },
    );
  });

  it('has what was logged, and what the trainer was made with', () => {
    expect(Object.fromEntries(checkpoint.get('logging'))).toEqual(golden.logging);
    expect(checkpoint.get('current_epoch')).toBe(golden.current_epoch);
    expect(checkpoint.get('trainer_name')).toBe(golden.trainer_name);
    expect(checkpoint.get('inference_allowed_mirroring_axes')).toEqual(golden.inference_allowed_mirroring_axes);
    const made = checkpoint.get('init_args');
    expect([...made.keys()].sort()).toEqual(golden.init_args_keys);
    expect([made.get('configuration'), made.get('fold'), made.get('device')]).toEqual([
      '3d_small',
      0,
      new TorchDevice('cpu'),
    ]);
  });

  it('was left by the optimiser that a fold is given here', () => {
    const [group, ...others]: Map<string, unknown>[] = checkpoint.get('optimizer_state').get('param_groups');
    const [{ params: count, ...want }] = golden.optimizer_param_groups;
    const { params, ...has } = Object.fromEntries(group ?? []);
    expect(others).toEqual([]);
    expect(has).toEqual(want);
    expect(params).toHaveLength(count);

    const plan = { batchDice: false, architecture: { featuresPerStage: [8, 16, 32, 64] }, previousStage: null };
    const labels = { targets: [1, 2], foreground: [1, 2], classOrder: null, ignore: null };
    const { momentum, weight_decay: weightDecay } = want;
    expect(trainingSetup(plan, { optimizer: 'sgd', dtype: 'float32' }, labels).optimizer).toEqual({
      kind: 'sgd',
      momentum,
      weightDecay,
    });
    expect(want).toMatchObject({ nesterov: true, initial_lr: 0.01 });
  });
});
