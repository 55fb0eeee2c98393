import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { StepStore } from '#steps/step-store.ts';
import { type DoneStep, removeOthers, showModel, showTask } from './result-folders.ts';

let root: string;
let objects: DirectoryObjectStore;
let steps: StepStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pentafold-links-'));
  objects = new DirectoryObjectStore(join(root, 'objects'));
  steps = new StepStore(objects);
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function outputsOf(digit: string, files: Readonly<Record<string, string>>) {
  const writer = steps.attempt(digit.repeat(64), 1);
  for (const [path, text] of Object.entries(files)) await writer.writeText(path, text);
  await writer.commit(null);
  return steps.outputs(digit.repeat(64));
}

const filesIn = async (folder: string) =>
  (await readdir(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(root, folder).length + 1))
    .sort();

const trained = async (fold: number, digit: string, weights: string): Promise<DoneStep> => ({
  kind: 'train',
  configuration: '3d_fullres',
  fold,
  outputs: await outputsOf(digit, {
    'final.safetensors': weights,
    'best.safetensors': `best of ${weights}`,
    'metrics.jsonl': '{}',
    'validation/summary.json': '{}',
    'validation/case_1.nii.gz': 'not shown',
  }),
});

const ensembled = async (): Promise<DoneStep> => ({
  kind: 'ensemble',
  configuration: null,
  fold: null,
  outputs: await outputsOf('e', { 'ranking.json': '[]', 'postprocessing.json': '{}', 'inference.json': '{}' }),
});

const FOLD = '3d_fullres/fold_2';

describe('showTask', () => {
  const folder = () => join(root, 'tasks');
  const weightsFile = () => join(folder(), FOLD, 'final.safetensors');

  test('what a fold shows lies in its folder, and is replaced by what is newer', async () => {
    await showTask(folder(), [await trained(2, 'a', 'first')]);
    await showTask(folder(), [await trained(2, 'b', 'second')]);
    expect(await readFile(weightsFile(), 'utf8')).toBe('second');
    expect(await filesIn('tasks')).toEqual([
      `${FOLD}/best.safetensors`,
      `${FOLD}/final.safetensors`,
      `${FOLD}/metrics.jsonl`,
      `${FOLD}/validation/summary.json`,
    ]);
  });

  test('a fold that is right is left alone', async () => {
    const steps = [await trained(2, 'a', 'weights')];
    await showTask(folder(), steps);
    const before = (await stat(weightsFile())).ino;
    await showTask(folder(), steps);
    expect((await stat(weightsFile())).ino).toBe(before);
  });

  test('truncating the weights that are shown does not change the output they came from, and is mended', async () => {
    const step = await trained(2, 'a', 'weights');
    await showTask(folder(), [step]);
    await truncate(weightsFile(), 3);
    expect(await step.outputs.readText('final.safetensors')).toBe('weights');
    await showTask(folder(), [step]);
    expect(await readFile(weightsFile(), 'utf8')).toBe('weights');
  });

  test('a training by an earlier schedule is not shown', async () => {
    await showTask(folder(), [{ ...(await trained(2, 'a', 'weights')), configuration: null, fold: null }]);
    await showTask(folder(), [await ensembled()]);
    expect(await filesIn('tasks')).toEqual(['postprocessing.json', 'ranking.json']);
  });

  test('what a Task has once lies in its folder', async () => {
    await showTask(folder(), [await ensembled()]);
    expect(await filesIn('tasks')).toEqual(['postprocessing.json', 'ranking.json']);
  });
});

describe('removeOthers', () => {
  test('leaves what these steps show, and what is not a result', async () => {
    const kept = await trained(2, 'a', 'weights');
    await showTask(join(root, 'tasks'), [kept, await trained(3, 'b', 'stale'), await ensembled()]);
    await mkdir(join(root, 'tasks/2d/fold_0'), { recursive: true });
    await mkdir(join(root, 'tasks/3d_fullres/fold_2.fresh'));
    await writeFile(join(root, 'tasks/task.json'), '{}');
    await removeOthers(join(root, 'tasks'), [kept]);
    expect((await readdir(join(root, 'tasks'))).sort()).toEqual(['3d_fullres', 'task.json']);
    expect(await readdir(join(root, 'tasks/3d_fullres'))).toEqual(['fold_2']);
  });
});

describe('showModel', () => {
  const first = { 'model.json': '{"version":1}', '2d/fold_0.safetensors': 'w0', '2d/fold_1.safetensors': 'w1' };

  test('the folder holds the outputs and nothing else, whatever it held before', async () => {
    await showModel(join(root, 'model'), await outputsOf('a', first));
    expect(await filesIn('model')).toEqual(Object.keys(first).sort());
    const second = { 'model.json': '{"version":2}', '2d/fold_0.safetensors': 'v0' };
    await showModel(join(root, 'model'), await outputsOf('b', second));
    expect(await filesIn('model')).toEqual(Object.keys(second).sort());
    expect(await readFile(join(root, 'model/model.json'), 'utf8')).toBe('{"version":2}');
    expect((await readdir(root)).sort()).toEqual(['model', 'objects']);
  });

  test('a folder that is right is left alone', async () => {
    const outputs = await outputsOf('a', first);
    await showModel(join(root, 'model'), outputs);
    const before = (await stat(join(root, 'model'))).ino;
    await showModel(join(root, 'model'), outputs);
    expect((await stat(join(root, 'model'))).ino).toBe(before);
  });

  test('what a broken-off run left half made is made anew', async () => {
    await mkdir(join(root, 'model.fresh/2d'), { recursive: true });
    await writeFile(join(root, 'model.fresh/2d/stray'), '');
    await showModel(join(root, 'model'), await outputsOf('a', first));
    expect(await filesIn('model')).toEqual(Object.keys(first).sort());
  });

  test('editing a text of the model does not change the output it came from', async () => {
    const outputs = await outputsOf('a', first);
    await showModel(join(root, 'model'), outputs);
    await writeFile(join(root, 'model/model.json'), 'edited');
    expect(await outputs.readText('model.json')).toBe('{"version":1}');
  });

  test('a file of the right size and age with other bytes is mended', async () => {
    const outputs = await outputsOf('a', first);
    await showModel(join(root, 'model'), outputs);
    await writeFile(join(root, 'model/2d/fold_0.safetensors'), 'x0');
    await utimes(join(root, 'model/2d/fold_0.safetensors'), 1, 1);
    await showModel(join(root, 'model'), outputs);
    expect(await readFile(join(root, 'model/2d/fold_0.safetensors'), 'utf8')).toBe('w0');
  });
});
