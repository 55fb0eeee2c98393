// Import and export against each other; that nnU-Net itself reads and writes the same is test/parity and test/exchange.

import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PentafoldError } from '#core/errors.ts';
import { sha256 } from '#formats/digest.ts';
import { parseTorchCheckpoint } from '#formats/torch-checkpoint.ts';
import { formatTorchCheckpoint } from '#formats/torch-checkpoint-writer.ts';
import { ZipWriter } from '#formats/zip.ts';
import type { Inference } from '#prediction/inference-json.ts';
import { aModel, CASCADE_PLANS, formulaWeights, type WeightsOf } from '#test/a-model.ts';
import { counts, messages } from '#test/protobuf-fields.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { exportNnunet } from '../export/export-nnunet.ts';
import { exportOnnx } from '../export/export-onnx.ts';
import { exportZip } from '../export/export-zip.ts';
import { openModel } from '../export/open-model.ts';
import { homeAt } from '../home.ts';
import { importNnunet, type NnunetImport } from './import-nnunet.ts';
import { importZip } from './import-zip.ts';

let folder: TemporaryFolder;
const at = (...path: string[]): string => join(folder.path, ...path);
const home = () => homeAt(at('home'));
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function put(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function putModel(inference: Partial<Inference> = {}, best: WeightsOf | null = null): Promise<void> {
  for (const [path, bytes] of aModel(inference, undefined, best)) await put(at('home', 'models', 'blobs', path), bytes);
}

/** nnU-Net's folder of a model with the folds 0 and 1. */
async function nnunetFolder(inference: Partial<Inference> = {}): Promise<string> {
  await putModel({ folds: [0, 1], ...inference });
  const { folders } = await exportNnunet(await openModel('blobs', home()), home(), at('out'));
  return folders[0] ?? '';
}

const request = (nnunet: string, changes: Partial<NnunetImport> = {}): NnunetImport => ({
  folder: nnunet,
  folds: null,
  checkpoint: 'final',
  name: 'back',
  home: home(),
  codeVersion: '1.2.3',
  ...changes,
});

const codeOf = (error: unknown) => (error instanceof PentafoldError ? error.code : String(error));
const refusal = (work: Promise<unknown>): Promise<[string, string]> =>
  work.then(
    () => ['', ''],
    (error: Error) => [codeOf(error), error.message],
  );

/** Writes a checkpoint again with other entries. */
async function changeCheckpoint(nnunet: string, change: (entries: Map<string, unknown>) => object): Promise<void> {
  const path = join(nnunet, 'fold_0', 'checkpoint_final.pth');
  const entries = parseTorchCheckpoint(await readFile(path));
  if (!(entries instanceof Map)) throw new Error('expected a dict');
  const weights = [...entries.get('network_weights')].map(([name, tensor]) => [name, tensor.toFloat32()] as const);
  const plain = Object.fromEntries([...entries].filter(([name]) => !['network_weights', 'init_args'].includes(name)));
  const all = { ...plain, init_args: { configuration: '3d_fullres' }, network_weights: new Map(weights) };
  await writeFile(path, formatTorchCheckpoint({ ...all, ...change(new Map(Object.entries(all))) }));
}

describe('a model exported for nnU-Net', () => {
  it('comes back with the same weights, folds and mirror axes', async () => {
    const nnunet = await nnunetFolder({ mirroring: [1, 2] });
    expect(nnunet).toBe(at('out', 'nnUNetTrainer__nnUNetPlans__3d_fullres'));
    expect((await readdir(nnunet)).sort()).toEqual(['dataset.json', 'fold_0', 'fold_1', 'plans.json']);
    const { model } = await importNnunet(request(nnunet));
    const [was, is] = [await openModel('blobs', home()), await openModel('back', home())];
    expect(is.inference).toMatchObject({ ...was.inference, stepFraction: 0.5, folds: [0, 1], mirroring: [1, 2] });
    for (const fold of [0, 1])
      expect(await is.weights('3d_fullres', fold)).toEqual(await was.weights('3d_fullres', fold));
    expect(is.dataset).toEqual(was.dataset);
    const checkpoint = await readFile(join(nnunet, 'fold_1', 'checkpoint_final.pth'));
    expect(model).toMatchObject({
      name: 'back',
      task: 'blobs',
      codeVersion: '1.2.3',
      provenance: {
        trainingCases: 2,
        nnunet: { trainer: 'nnUNetTrainer', checkpoints: { '3d_fullres/fold_1': sha256(checkpoint) } },
      },
    });
  });

  it('comes back with the weights of its best epoch too', async () => {
    await putModel({}, (graph, configuration) => formulaWeights(graph, configuration, 9));
    const { folders } = await exportNnunet(await openModel('blobs', home()), home(), at('out'));
    const checkpoints = (await readdir(join(folders[0] ?? '', 'fold_0'))).sort();
    expect(checkpoints).toEqual(['checkpoint_best.pth', 'checkpoint_final.pth']);
    await importNnunet(request(folders[0] ?? ''));
    const [was, is] = [await openModel('blobs', home()), await openModel('back', home())];
    for (const which of ['final', 'best'] as const)
      expect(await is.weights('3d_fullres', 0, which)).toEqual(await was.weights('3d_fullres', 0, which));
    expect(await is.weights('3d_fullres', 0, 'best')).not.toEqual(await is.weights('3d_fullres', 0));
    await importNnunet(request(folders[0] ?? '', { name: 'best', checkpoint: 'best' }));
    const best = await openModel('best', home());
    expect(await best.weights('3d_fullres', 0)).toEqual(await was.weights('3d_fullres', 0, 'best'));
    expect(best.has('3d_fullres/fold_0.best.safetensors')).toBe(false);
  });

  it('keeps the name of its trainer on the way back', async () => {
    const nnunet = await nnunetFolder();
    await changeCheckpoint(nnunet, () => ({ trainer_name: 'nnUNetTrainerNoMirroring' }));
    await importNnunet(request(nnunet, { folds: [0] }));
    const { folders } = await exportNnunet(await openModel('back', home()), home(), at('again'));
    expect(folders).toEqual([at('again', 'nnUNetTrainerNoMirroring__nnUNetPlans__3d_fullres')]);
    expect((await readdir(folders[0] ?? '')).sort()).toEqual(['dataset.json', 'fold_0', 'plans.json']);
  });

  it.each([
    { mirroring: true, want: [0, 1, 2] },
    { mirroring: false, want: null },
    { mirroring: [1], want: [1] },
  ])('tells nnU-Net along which axes to mirror: $mirroring', async ({ mirroring, want }) => {
    const checkpoint = join(await nnunetFolder({ mirroring }), 'fold_0', 'checkpoint_final.pth');
    const entries = parseTorchCheckpoint(await readFile(checkpoint));
    expect(entries instanceof Map && entries.get('inference_allowed_mirroring_axes')).toEqual(want);
  });

  it('brings the fingerprint of the Task, and says what nnU-Net cannot be told', async () => {
    await putModel({ members: ['2d', '3d_fullres'], postprocessing: [1], stepFraction: 0.25 });
    await put(at('home', 'tasks', 'blobs', 'dataset_fingerprint.json'), '{}');
    const { folders, notes } = await exportNnunet(await openModel('blobs', home()), home(), at('out'));
    expect(folders.length).toBe(2);
    for (const nnunet of folders) expect(await readdir(nnunet)).toContain('dataset_fingerprint.json');
    expect(notes.join()).toMatch(/nnUNetv2_ensemble.*largest component.*-step_size 0.25/);
  });
});

describe('an import from nnU-Net', () => {
  it('takes only the folds asked for, and the best checkpoint when told so', async () => {
    const nnunet = await nnunetFolder();
    const [from, to] = ['final', 'best'].map((which) => join(nnunet, 'fold_1', `checkpoint_${which}.pth`));
    await rename(from ?? '', to ?? '');
    await importNnunet(request(nnunet, { name: 'final' }));
    await importNnunet(request(nnunet, { name: 'best', checkpoint: 'best', folds: [1] }));
    expect((await openModel('final', home())).inference.folds).toEqual([0]);
    expect((await openModel('best', home())).inference.folds).toEqual([1]);
  });

  it('refuses weights of another network by name', async () => {
    const nnunet = await nnunetFolder();
    const extra = { shape: [1], data: Float32Array.of(1) };
    const withWeights = (change: (weights: Map<string, unknown>) => void) =>
      changeCheckpoint(nnunet, (entries) => {
        const weights = new Map(entries.get('network_weights') as Map<string, unknown>);
        change(weights);
        return { network_weights: weights, trainer_name: 'nnUNetTrainerBN' };
      });
    await withWeights((weights) => weights.set('encoder.stages.0.0.convs.0.norm.running_mean', extra));
    expect(await refusal(importNnunet(request(nnunet)))).toEqual([
      'NNUNET_FOLDER_UNUSABLE',
      'fold 0: there are weights encoder.stages.0.0.convs.0.norm.running_mean; the network that nnUNetTrainerBN trains is not the one of the plans, and it is not known here',
    ]);
    await withWeights((weights) => weights.set('decoder.seg_layers.0.bias', extra));
    expect(await refusal(importNnunet(request(nnunet)))).toEqual([
      'NNUNET_FOLDER_UNUSABLE',
      expect.stringMatching(/^fold 0: expected weights decoder.seg_layers.0.bias of shape 2, got 1; /),
    ]);
    expect(await readdir(at('home', 'models', 'back'))).not.toContain('model.json');
  });

  it('refuses what is no folder of nnU-Net’s, naming what lacks', async () => {
    const nnunet = await nnunetFolder();
    expect(await refusal(importNnunet(request(at('nowhere'))))).toEqual(['FOLDER_UNUSABLE', expect.any(String)]);
    expect(await refusal(importNnunet(request(at('home'))))).toEqual([
      'NNUNET_FOLDER_UNUSABLE',
      expect.stringContaining('has no fold_0 to fold_4 with a checkpoint_final.pth'),
    ]);
    expect((await refusal(importNnunet(request(nnunet, { folds: [3] }))))[1]).toContain(
      'has no fold_3/checkpoint_final',
    );
    await changeCheckpoint(nnunet, () => ({ trainer_name: 7 }));
    expect((await refusal(importNnunet(request(nnunet))))[1]).toMatch(
      /is no checkpoint of nnU-Net v2:.*\n.*trainer_name/,
    );
  });

  it('refuses plans that cannot be carried out, naming the key', async () => {
    const nnunet = await nnunetFolder();
    const path = join(nnunet, 'plans.json');
    const plans = JSON.parse(await readFile(path, 'utf8'));
    const full = plans.configurations['3d_fullres'];
    const cascade = { ...full, previous_stage: '3d_lowres' };
    await writeFile(path, JSON.stringify({ ...plans, configurations: { '3d_fullres': cascade } }));
    expect((await refusal(importNnunet(request(nnunet))))[1]).toMatch(
      /^plans.json holds what .*no configuration 3d_lowres/,
    );
    await writeFile(path, JSON.stringify({ ...plans, configurations: { '2d': full } }));
    expect((await refusal(importNnunet(request(nnunet))))[1]).toContain('no configuration 3d_fullres; it has 2d');
    await rm(path);
    expect((await refusal(importNnunet(request(nnunet))))[1]).toContain('has no plans.json');
  });

  it('does not replace a model', async () => {
    const nnunet = await nnunetFolder();
    expect(await refusal(importNnunet(request(nnunet, { name: 'blobs' })))).toEqual([
      'MODEL_EXISTS',
      expect.stringContaining("there is a model 'blobs'"),
    ]);
  });
});

describe('a cascade', () => {
  beforeEach(async () => {
    const files = aModel({ members: ['3d_cascade_fullres'], folds: [0, 1] }, formulaWeights, null, CASCADE_PLANS);
    for (const [path, bytes] of files) await put(at('home', 'models', 'blobs', path), bytes);
  });
  const exported = async () => (await exportNnunet(await openModel('blobs', home()), home(), at('out'))).folders;

  it('goes to nnU-Net as a folder per stage, and comes back whole from the second one', async () => {
    const [first = '', second = ''] = await exported();
    expect([first, second].map((folder) => folder.split('__').at(-1))).toEqual(['3d_lowres', '3d_cascade_fullres']);
    await importNnunet(request(second));
    const [was, is] = [await openModel('blobs', home()), await openModel('back', home())];
    expect(is.inference).toMatchObject({ members: ['3d_cascade_fullres'], folds: [0, 1] });
    expect(is.configuration('3d_cascade_fullres').previousStage).toBe('3d_lowres');
    for (const stage of ['3d_lowres', '3d_cascade_fullres'])
      for (const fold of [0, 1]) expect(await is.weights(stage, fold)).toEqual(await was.weights(stage, fold));
  });

  it('comes with a word on how nnU-Net joins its stages', async () => {
    const { notes } = await exportNnunet(await openModel('blobs', home()), home(), at('out'));
    expect(notes.join()).toContain('3d_cascade_fullres is given the output of 3d_lowres by -prev_stage_predictions');
  });

  it('is refused without its first stage, naming the folder where that should be', async () => {
    const [first = '', second = ''] = await exported();
    await rename(first, at('elsewhere'));
    expect(await refusal(importNnunet(request(second)))).toEqual([
      'NNUNET_FOLDER_UNUSABLE',
      expect.stringContaining(`${first} has no fold_0/checkpoint_final.pth`),
    ]);
    await rename(second, at('renamed'));
    expect(await refusal(importNnunet(request(at('renamed'))))).toEqual([
      'NNUNET_FOLDER_UNUSABLE',
      expect.stringMatching(
        /^3d_cascade_fullres builds on 3d_lowres, whose folder cannot be told from the name .*renamed/,
      ),
    ]);
  });
});

describe('a model as a zip', () => {
  it('is the same model elsewhere, under its own name or another', async () => {
    await putModel({ folds: [0, 1] });
    await exportZip('blobs', home(), at('a.zip'));
    const elsewhere = homeAt(at('elsewhere'));
    await importZip({ file: at('a.zip'), name: null, home: elsewhere });
    await importZip({ file: at('a.zip'), name: 'other', home: elsewhere });
    const [was, is, other] = [
      await openModel('blobs', home()),
      await openModel('blobs', elsewhere),
      await openModel('other', elsewhere),
    ];
    expect(is.description).toEqual(was.description);
    expect(other.description).toEqual({ ...was.description, name: 'other' });
    expect(await other.weights('3d_fullres', 1)).toEqual(await was.weights('3d_fullres', 1));
  });

  it('has the same bytes when it is exported where it was imported', async () => {
    await putModel();
    await exportZip('blobs', home(), at('0.zip'));
    for (const i of [0, 1]) {
      const there = homeAt(at(`home${i}`));
      await importZip({ file: at(`${i}.zip`), name: null, home: there });
      await exportZip('blobs', there, at(`${i + 1}.zip`));
    }
    expect(sha256(await readFile(at('2.zip')))).toBe(sha256(await readFile(at('1.zip'))));
  });

  /** A zip of the model's files in a folder of their own, with some changed. */
  async function aZip(changes: Readonly<Record<string, Uint8Array>>): Promise<string> {
    const zip = new ZipWriter();
    const files = Object.entries({ ...Object.fromEntries(aModel()), ...changes });
    const parts = files.flatMap(([path, bytes]) => zip.add(`blobs/${path}`, bytes, 'deflated'));
    await put(at('made.zip'), Buffer.concat([...parts, zip.end()]));
    return at('made.zip');
  }

  it('may lie in a folder, as people pack it', async () => {
    const { model } = await importZip({ file: await aZip({}), name: null, home: home() });
    expect(model.name).toBe('blobs');
  });

  it('is refused when a file is not the one that was published, or leads out of the folder', async () => {
    const wrong = await aZip({ '3d_fullres/fold_0.safetensors': Buffer.from('other') });
    expect(await refusal(importZip({ file: wrong, name: null, home: home() }))).toEqual([
      'MODEL_UNUSABLE',
      expect.stringContaining('3d_fullres/fold_0.safetensors is not the file that was published'),
    ]);
    const description = JSON.parse(Buffer.from(aModel().get('model.json') ?? []).toString());
    const named = await aZip({ 'model.json': Buffer.from(JSON.stringify({ ...description, name: '../../blobs' })) });
    expect((await refusal(importZip({ file: named, name: null, home: home() })))[1]).toContain(
      "'../../blobs', which is no name",
    );
    const evil = Buffer.from('evil');
    description.files = { ...description.files, '../../evil': { sha256: sha256(evil), bytes: 4 } };
    const outside = await aZip({ 'model.json': Buffer.from(JSON.stringify(description)), '../../evil': evil });
    expect((await refusal(importZip({ file: outside, name: null, home: home() })))[1]).toContain("a file '../../evil'");
    expect((await refusal(importZip({ file: at('no.zip'), name: null, home: home() })))[0]).toBe('ZIP_UNREADABLE');
  });
});

describe('exportOnnx', () => {
  const onnx = (configuration: string | null, fold: number | null) =>
    openModel('blobs', home()).then((model) =>
      exportOnnx(model, { configuration, fold, out: at('net.onnx'), codeVersion: '1.2.3' }),
    );

  /** Channels that the input of an ONNX model must have: graph, input, type, tensor, shape, second axis, extent. */
  const channelsOf = (file: Uint8Array): number[] =>
    [7, 11, 2, 1, 2]
      .reduce((found, field) => found.flatMap((message) => messages(message, field)), [file])
      .flatMap((shape) => counts(messages(shape, 1)[1] ?? Buffer.alloc(0), 1));

  it('takes the only configuration and the first fold, unless told otherwise', async () => {
    await putModel({ folds: [0, 1] });
    expect(await onnx(null, null)).toMatchObject({ configuration: '3d_fullres', fold: 0 });
    const first = await readFile(at('net.onnx'));
    expect(await onnx('3d_fullres', 1)).toMatchObject({ fold: 1 });
    expect(await readFile(at('net.onnx'))).not.toEqual(first);
  });

  it('writes both stages of a cascade, the second with a channel for what the first one saw', async () => {
    const files = aModel({ members: ['3d_cascade_fullres'] }, formulaWeights, null, CASCADE_PLANS);
    for (const [path, bytes] of files) await put(at('home', 'models', 'blobs', path), bytes);
    expect(await onnx(null, null)).toMatchObject({ configuration: '3d_cascade_fullres' });
    expect(channelsOf(await readFile(at('net.onnx')))).toEqual([2]);
    await onnx('3d_lowres', null);
    expect(channelsOf(await readFile(at('net.onnx')))).toEqual([1]);
    expect((await refusal(onnx('3d_fullres', 0)))[1]).toContain('3d_lowres, 3d_cascade_fullres; not 3d_fullres');
  });

  it('says what the model has when asked for something else', async () => {
    await putModel({ members: ['2d', '3d_fullres'] });
    expect(await refusal(onnx(null, 0))).toEqual([
      'CONFIGURATION_NOT_IN_MODEL',
      'the model has the configurations 2d, 3d_fullres; say which',
    ]);
    expect((await refusal(onnx('3d_lowres', 0)))[1]).toContain('2d, 3d_fullres; not 3d_lowres');
    expect((await refusal(onnx('2d', 4)))[0]).toBe('FOLD_NOT_FOUND');
  });
});
