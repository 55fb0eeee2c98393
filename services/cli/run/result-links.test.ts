import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { StepStore } from '#steps/step-store.ts';
import { linkModel, linkStep } from './result-links.ts';

let root: string;
let objects: DirectoryObjectStore;
let steps: StepStore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pentafold-links-'));
  objects = new DirectoryObjectStore(join(root, 'objects'));
  steps = new StepStore(objects);
});

afterEach(() => rm(root, { recursive: true, force: true }));

const pathOf = (key: string) => objects.pathOf(key);

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

describe('linkStep', () => {
  const weights = (text: string) => ({
    'final.safetensors': text,
    'metrics.jsonl': '{}',
    'validation/summary.json': '{}',
    'validation/case_1.nii.gz': 'not shown',
  });
  const node = { kind: 'train', configuration: '3d_fullres', fold: 2 } as const;

  test('the weights of a fold are linked, again and again, and replaced by newer ones', async () => {
    const folder = join(root, 'tasks');
    const target = join(folder, '3d_fullres/fold_2/final.safetensors');
    const first = await outputsOf('a', weights('first'));
    await linkStep(folder, node, first, pathOf);
    await linkStep(folder, node, first, pathOf);
    expect((await stat(target)).ino).toBe((await stat(pathOf(first.key('final.safetensors')))).ino);
    await linkStep(folder, node, await outputsOf('b', weights('second')), pathOf);
    expect(await readFile(target, 'utf8')).toBe('second');
    expect(await filesIn('tasks')).toEqual([
      '3d_fullres/fold_2/final.safetensors',
      '3d_fullres/fold_2/metrics.jsonl',
      '3d_fullres/fold_2/validation/summary.json',
    ]);
  });

  test('what a Task has once lies in its folder', async () => {
    const outputs = await outputsOf('a', { 'ranking.json': '[]', 'postprocessing.json': '{}', 'inference.json': '{}' });
    const node = { kind: 'ensemble', configuration: null, fold: null } as const;
    await linkStep(join(root, 'tasks'), node, outputs, pathOf);
    expect(await filesIn('tasks')).toEqual(['postprocessing.json', 'ranking.json']);
  });
});

describe('linkModel', () => {
  const first = { 'model.json': '{"version":1}', '2d/fold_0.safetensors': 'w0', '2d/fold_1.safetensors': 'w1' };

  test('the folder holds the outputs and nothing else, whatever it held before', async () => {
    await linkModel(join(root, 'model'), await outputsOf('a', first), pathOf);
    expect(await filesIn('model')).toEqual(Object.keys(first).sort());
    const second = { 'model.json': '{"version":2}', '2d/fold_0.safetensors': 'v0' };
    await linkModel(join(root, 'model'), await outputsOf('b', second), pathOf);
    expect(await filesIn('model')).toEqual(Object.keys(second).sort());
    expect(await readFile(join(root, 'model/model.json'), 'utf8')).toBe('{"version":2}');
    expect((await readdir(root)).sort()).toEqual(['model', 'objects']);
  });

  test('a folder that is right is left alone', async () => {
    const outputs = await outputsOf('a', first);
    await linkModel(join(root, 'model'), outputs, pathOf);
    const before = (await stat(join(root, 'model'))).ino;
    await linkModel(join(root, 'model'), outputs, pathOf);
    expect((await stat(join(root, 'model'))).ino).toBe(before);
  });

  test('what a broken-off run left half made is made anew', async () => {
    await mkdir(join(root, 'model.fresh/2d'), { recursive: true });
    await writeFile(join(root, 'model.fresh/2d/stray'), '');
    await linkModel(join(root, 'model'), await outputsOf('a', first), pathOf);
    expect(await filesIn('model')).toEqual(Object.keys(first).sort());
  });

  test('editing a text of the model does not change the output it came from', async () => {
    const outputs = await outputsOf('a', first);
    await linkModel(join(root, 'model'), outputs, pathOf);
    await writeFile(join(root, 'model/model.json'), 'edited');
    expect(await outputs.readText('model.json')).toBe('{"version":1}');
  });
});
