import { describe, expect, it } from 'vitest';
import { stateDictKeys } from '#core/network/state-dict-names.ts';
import { sha256 } from '#formats/digest.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { encodeSafetensors } from '#formats/safetensors.ts';
import { formatTorchCheckpoint } from '#formats/torch-checkpoint-writer.ts';
import { aModel, PLANS } from '#test/a-model.ts';
import { findPretrained, type OpenFolder } from './pretrained-weights.ts';

const WEIGHTS = new Map([['encoder.stages.0.0.convs.0.conv.weight', { shape: [2], data: Float32Array.of(1, 2) }]]);

/** Folders of a machine: bytes by URI. */
const folders =
  (files: ReadonlyMap<string, Uint8Array>): OpenFolder =>
  (uri) => ({ get: async (key) => files.get(`${uri.replace(/\/$/, '')}/${key}`) });

const find = (files: ReadonlyMap<string, Uint8Array>, uri: string, configuration = '3d_fullres') =>
  findPretrained(folders(files), uri, configuration);

function checkpoint(changes: object = {}): Uint8Array {
  const names = stateDictKeys([...WEIGHTS.keys()]);
  return formatTorchCheckpoint({
    network_weights: new Map(names.map(({ key }) => [key, { shape: [2], data: Float32Array.of(1, 2) }])),
    trainer_name: 'nnUNetTrainer',
    init_args: { configuration: '3d_fullres', plans: JSON.parse(formatPlans(PLANS)) },
    inference_allowed_mirroring_axes: [0, 1, 2],
    ...changes,
  });
}

describe('findPretrained', () => {
  it('reads a file of weights, by the digest of its bytes', async () => {
    const bytes = encodeSafetensors(WEIGHTS);
    const found = await find(
      new Map([['file:///d/final weights.safetensors', bytes]]),
      'file:///d/final%20weights.safetensors',
    );
    expect(found.digest).toBe(sha256(bytes));
    expect(await found.load()).toEqual({ weights: WEIGHTS, plan: null });
  });

  it('reads a checkpoint of nnU-Net, with the plan that it was trained by', async () => {
    const found = await find(
      new Map([['file:///d/checkpoint_final.pth', checkpoint()]]),
      'file:///d/checkpoint_final.pth',
    );
    const { weights, plan } = await found.load();
    expect(weights).toEqual(WEIGHTS);
    expect(plan).toMatchObject({ name: '3d_fullres', patchSize: [4, 4, 4] });
  });

  it('takes the first fold of a model that it has of the configuration', async () => {
    const model = aModel({ folds: [1, 2] });
    const files = new Map([...model].map(([path, bytes]) => [`file:///models/blobs/${path}`, bytes] as const));
    const found = await find(files, 'file:///models/blobs');
    expect(found.digest).toBe(sha256(model.get('3d_fullres/fold_1.safetensors') ?? new Uint8Array()));
    expect((await found.load()).plan).toMatchObject({ name: '3d_fullres' });
    await expect(find(files, 'file:///models/blobs', '2d')).rejects.toMatchObject({
      code: 'PRETRAINED_WEIGHTS_UNUSABLE',
      message: 'training.pretrainedWeights.2d: the model blobs has no weights of 2d; it has 3d_fullres',
    });
  });

  it.each(['file:///d/none.pth', 'file:///d/'])('says that there is nothing at %s', async (uri) => {
    await expect(find(new Map(), uri)).rejects.toMatchObject({
      code: 'PRETRAINED_WEIGHTS_UNUSABLE',
      message: expect.stringContaining(`there is none at ${uri}`),
    });
  });

  it.each([
    { name: 'another value', changes: { trainer_name: 7 }, want: /no checkpoint of nnU-Net v2: .*trainer_name/s },
    { name: 'no plans', changes: { init_args: { configuration: '2d' } }, want: /no checkpoint of nnU-Net v2/ },
    {
      name: 'plans without its configuration',
      changes: { init_args: { configuration: '3d_lowres', plans: JSON.parse(formatPlans(PLANS)) } },
      want: /no configuration 3d_lowres; it has 2d, 3d_fullres/,
    },
  ])('refuses a checkpoint with $name', async ({ changes, want }) => {
    const found = await find(new Map([['file:///d/a.pth', checkpoint(changes)]]), 'file:///d/a.pth');
    await expect(found.load()).rejects.toThrow(want);
  });
});
