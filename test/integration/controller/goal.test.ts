// The commands that name a data set and a goal, as they join the parts: only the method is faked.

import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

const program = fileURLToPath(new URL('./goal-with-fakes.ts', import.meta.url));
const TWO_FOLDS = { configurations: ['2d'], folds: 'numbered' };

let folder: TemporaryFolder;
let dataset: string;
let home: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  dataset = join(folder.path, 'Dataset001_Fake');
  home = join(folder.path, 'home');
  await mkdir(dataset);
  await writeFile(join(dataset, 'dataset.json'), '{}');
});
afterEach(() => folder[Symbol.asyncDispose]());

type Goal = readonly string[] | 'best' | { readonly accumulate: string; readonly out: string };

async function reach(goal: Goal, changes: object = TWO_FOLDS, name = dataset, behaviour = {}) {
  const argv = [program, name, home, JSON.stringify(changes), JSON.stringify(goal)];
  const env = { ...process.env, FAKE_BEHAVIOUR: JSON.stringify(behaviour) };
  const { stdout } = await promisify(execFile)(process.execPath, argv, { env });
  return JSON.parse(stdout);
}

/** `ingest`, `train 2d fold 0` and so on: the steps that were carried out, sorted. */
async function doneSteps(): Promise<string[]> {
  const steps = join(home, 'objects', 'steps');
  const entries = await readdir(steps, { recursive: true });
  const made = entries.filter((path) => path.endsWith('manifest.json')).map((path) => join(steps, path, '..'));
  const descriptions = await Promise.all(made.map((path) => readFile(join(path, 'description.json'), 'utf8')));
  return descriptions.map((text) => JSON.parse(text).title).sort();
}

describe('a goal', () => {
  test('that is the plan is reached with nothing preprocessed or trained', async () => {
    await reach(['plan']);
    expect(await doneSteps()).toEqual(['ingest', 'plan']);
  });

  test('that is one fold trains that fold of that configuration, and a name finds the data set again', async () => {
    await reach(['plan']);
    await reach(['train/2d/1'], { ...TWO_FOLDS, configurations: 'all' }, '1');
    expect(await doneSteps()).toEqual(['ingest', 'plan', 'preprocess 2d', 'train 2d fold 1']);
    expect(await readFile(join(home, 'tasks/dataset001-fake/2d/fold_1/final.safetensors'), 'utf8')).toBe('weights');
  });

  test('that is a training stops at fewer cases than folds before anything is planned; an earlier one is reached', async () => {
    const fewCases = { ingest: 'few-cases' };
    const training = reach(['train/2d/0'], TWO_FOLDS, dataset, fewCases);
    await expect(training).rejects.toThrow('(TooFewCasesForFolds): 5 folds need at least 5 training cases, got 3;');
    expect(await doneSteps()).toEqual(['ingest']);
    await reach(['preprocess/'], TWO_FOLDS, dataset, fewCases);
    expect(await doneSteps()).toEqual(['ingest', 'plan', 'preprocess 2d']);
  });

  test('that the plans do not lead to is refused with the steps there are', async () => {
    const { code, message } = await reach(['train/3d_lowres/0'], { configurations: 'all' });
    expect(code).toBe('STEP_NOT_PLANNED');
    expect(message).toContain('no step train/3d_lowres/0; the steps are ingest, plan, preprocess/2d');
    expect(await doneSteps()).toEqual(['ingest', 'plan']);
  });
});

describe('a command that is refused', () => {
  const taskFolder = () => join(home, 'tasks/dataset001-fake');
  const spec = async () => JSON.parse(await readFile(join(taskFolder(), 'task.json'), 'utf8')).spec;
  const status = () => readFile(join(taskFolder(), 'status.json'), 'utf8');
  const asked = { configurations: 'all', folds: 'numbered', training: { epochs: 777 } };

  test('for a fold that is not planned leaves what the home knows and shows', async () => {
    await reach(['train/2d/0']);
    const before = [await spec(), await status(), await readdir(taskFolder(), { recursive: true })];
    expect((await reach(['train/2d/9'], asked)).code).toBe('STEP_NOT_PLANNED');
    expect([await spec(), await status(), await readdir(taskFolder(), { recursive: true })]).toEqual(before);
  });

  test('the first time leaves a Task of defaults', async () => {
    expect((await reach(['train/2d/9'], asked)).code).toBe('STEP_NOT_PLANNED');
    expect((await spec()).training.epochs).toBe(1000);
  });

  test('for folds that are not trained leaves what the home knows and shows', async () => {
    await reach(['train/2d/0']);
    const before = [await spec(), await status(), await readdir(taskFolder(), { recursive: true })];
    expect((await reach('best', { ...asked, folds: 'all' })).code).toBe('FOLDS_MISSING');
    expect([await spec(), await status(), await readdir(taskFolder(), { recursive: true })]).toEqual(before);
  });

  test('for weights that are not there, or are none, remembers none of them', async () => {
    await reach(['plan']);
    const before = await spec();
    const starting = (path: string) => reach(['train/2d/0'], { ...asked, pretrainedWeights: { '2d': path } });
    expect((await starting(join(folder.path, 'nowhere.pth'))).code).toBe('PRETRAINED_WEIGHTS_UNUSABLE');
    await writeFile(join(folder.path, 'none.safetensors'), 'none');
    expect((await starting(join(folder.path, 'none.safetensors'))).code).toBe('PRETRAINED_WEIGHTS_UNUSABLE');
    expect(await spec()).toEqual(before);
  });
});

describe('find-best-configuration', () => {
  test('names the folds that are missing, and trains none', async () => {
    await reach(['train/2d/0', 'train/2d/1', 'train/2d/2']);
    const { code, message } = await reach('best');
    expect(code).toBe('FOLDS_MISSING');
    expect(message).toContain('not trained yet: train 2d fold 3, train 2d fold 4; train them');
    expect(await doneSteps()).not.toContain('train 2d fold 3');
  });

  test('publishes once all folds of the named configurations are trained', async () => {
    await reach(['train/']);
    expect((await reach('best')).model).toBe(join(home, 'models/dataset001-fake'));
  });
});

describe('accumulate', () => {
  const taskSpec = async () => JSON.parse(await readFile(join(home, 'tasks/dataset001-fake/task.json'), 'utf8')).spec;
  const goal = () => ({ accumulate: '2d', out: join(folder.path, 'crossval') });

  test('gathers one case of each of five folds, and leaves the Task as it is', async () => {
    await reach(['train/']);
    const before = await taskSpec();
    expect(before.configurations).toEqual(['2d']);
    expect(await reach(goal())).toEqual({ cases: 5 });
    expect(await readFile(join(folder.path, 'crossval/case_4.nii.gz'), 'utf8')).toBe('label map of case_4');
    expect(await taskSpec()).toEqual(before);
  });

  test('names the folds that are missing, trains none, and gives no advice that it cannot take', async () => {
    await reach(['train/2d/0']);
    const { code, message } = await reach(goal());
    expect(code).toBe('FOLDS_MISSING');
    expect(message).toMatch(/^not trained yet: train 2d fold 1, .*; train them first$/);
    expect(await doneSteps()).not.toContain('train 2d fold 1');
  });

  test('refuses what is no cross-validation', async () => {
    await reach(['train/'], { configurations: ['2d'], folds: 'all' });
    const { code, message } = await reach(goal());
    expect(code).toBe('STEP_NOT_PLANNED');
    expect(message).toContain('no step train/2d/0; the steps are ingest, plan, preprocess/2d, train/2d/all');
  });
});
