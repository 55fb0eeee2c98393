import { describe, expect, it } from 'vitest';
import { stateDictKeys } from '#core/network/state-dict-names.ts';
import { sha256 } from '#formats/digest.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { encodeSafetensors, InvalidSafetensorsError } from '#formats/safetensors.ts';
import { TorchCheckpointUnreadableError } from '#formats/torch-checkpoint-unreadable-error.ts';
import { formatTorchCheckpoint } from '#formats/torch-checkpoint-writer.ts';
import { aModel, CASCADE_PLANS, PLANS } from '#test/a-model.ts';
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
      message:
        'spec.training.pretrainedWeights.2d: file:///models/blobs has no weights of 2d; it is a model with 3d_fullres',
    });
  });

  it.each(['file:///d/none.pth', 'file:///d/'])('says that there is nothing at %s', async (uri) => {
    await expect(find(new Map(), uri)).rejects.toMatchObject({
      code: 'PRETRAINED_WEIGHTS_UNUSABLE',
      message: expect.stringContaining(`spec.training.pretrainedWeights.3d_fullres: ${uri} is not there`),
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

  it('takes the plan of the stage that was trained, not of the one before', async () => {
    const [first, ...others] = CASCADE_PLANS.configurations;
    if (first === undefined) throw new Error('the plans are empty');
    const plans = { ...CASCADE_PLANS, configurations: [{ ...first, batchSize: 7 }, ...others] };
    const init_args = { configuration: '3d_cascade_fullres', plans: JSON.parse(formatPlans(plans)) };
    const files = new Map([['file:///d/a.pth', checkpoint({ init_args })]]);
    const { plan } = await (await find(files, 'file:///d/a.pth', '3d_cascade_fullres')).load();
    expect(plan).toMatchObject({ name: '3d_cascade_fullres', batchSize: 2 });
  });

  it.each([
    {
      file: 'a.safetensors',
      want: /a\.safetensors is no file of weights: .*safetensors/,
      cause: InvalidSafetensorsError,
    },
    { file: 'a.pth', want: /a\.pth is no checkpoint of nnU-Net v2: ./, cause: TorchCheckpointUnreadableError },
  ])('says that it was $file that is damaged, and why', async ({ file, want, cause }) => {
    const uri = `file:///d/${file}`;
    const found = await find(new Map([[uri, Buffer.from('torn')]]), uri);
    const refusal: unknown = await found.load().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'PRETRAINED_WEIGHTS_UNUSABLE', cause: expect.any(cause) });
    expect(String(refusal)).toMatch(want);
    expect(String(refusal)).toContain(`spec.training.pretrainedWeights.3d_fullres: ${uri}`);
  });

  it('says that it was a model that is damaged', async () => {
    const files = new Map([...aModel()].map(([path, bytes]) => [`file:///models/blobs/${path}`, bytes] as const));
    const withOther = (path: string) => new Map([...files, [`file:///models/blobs/${path}`, Buffer.from('torn')]]);
    const refusal = {
      code: 'PRETRAINED_WEIGHTS_UNUSABLE',
      message: expect.stringContaining('3d_fullres: file:///models/blobs cannot be started from: '),
    };
    await expect(find(withOther('plans.json'), 'file:///models/blobs')).rejects.toMatchObject(refusal);
    const found = await find(withOther('3d_fullres/fold_0.safetensors'), 'file:///models/blobs');
    await expect(found.load()).rejects.toMatchObject(refusal);
  });
});
