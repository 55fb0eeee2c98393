import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeNpz } from '#formats/npz.ts';
import { type CrossValidationParts, StoredCrossValidation } from '#test/a-cross-validation.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { evaluateFolders } from '../evaluate/evaluate-folders.ts';
import { accumulate, type TrainedConfiguration } from './accumulate.ts';

const CASES = ['case_a', 'case_b', 'case_c', 'case_d'];
const VOXELS = 8;

/** The voxels from the case's number on are foreground; every prediction begins one voxel late. */
const foregroundFrom = (start: number) => Uint8Array.from({ length: VOXELS }, (_, i) => Number(i >= start));
const PARTS: CrossValidationParts = {
  shape: [2, 2, 2],
  labels: [
    { name: 'background', value: 0 },
    { name: 'organ', value: 1 },
  ],
  truth: new Map(CASES.map((caseId, i) => [caseId, foregroundFrom(i)])),
  configurations: ['2d'],
  folds: 2,
  probabilities: (_, caseId) => {
    const organ = Float32Array.from(foregroundFrom(CASES.indexOf(caseId) + 1));
    return Float32Array.from([...organ.map((p) => 1 - p), ...organ]);
  },
};

let folder: TemporaryFolder;
let objects: MemoryObjectStore;
let trained: TrainedConfiguration;
let out: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  out = join(folder.path, 'crossval');
  objects = new MemoryObjectStore();
  const stored = await StoredCrossValidation.create(objects, PARTS);
  trained = {
    ingest: await stored.outputs('ingest'),
    plan: await stored.outputs('plan'),
    folds: [await stored.outputs('train/2d/0'), await stored.outputs('train/2d/1')],
  };
});
afterEach(() => folder[Symbol.asyncDispose]());

describe('accumulate', () => {
  it('gathers every case once, and what describes them', async () => {
    await accumulate(trained, out, false);
    expect((await readdir(out)).sort()).toEqual(
      [...CASES.map((caseId) => `${caseId}.nii.gz`), 'dataset.json', 'plans.json', 'summary.json'].sort(),
    );
  });

  it('sums up as if the gathered folder were evaluated against the references', async () => {
    const summary = await accumulate(trained, out, false);
    const references = join(folder.path, 'labelsTr');
    await mkdir(references);
    for (const caseId of CASES) {
      const path = `labelsTr/${caseId}.nii.gz`;
      await writeFile(join(folder.path, path), (await objects.get(path)) ?? '');
    }
    const evaluated = await evaluateFolders(
      { references, predictions: out, labels: [1], ignore: null, chill: false },
      () => {},
    );
    expect(summary.mean).toEqual(evaluated.mean);
    expect(summary.foregroundMean.dice).toBeCloseTo((14 / 15 + 12 / 13 + 10 / 11 + 8 / 9) / 4, 12);
    expect(summary.cases.map(({ predictionFile }) => predictionFile)).toEqual(
      CASES.map((caseId) => `${caseId}.nii.gz`),
    );
  });

  it('keeps the probabilities when it is asked to, in nnU-Net’s layout', async () => {
    await accumulate(trained, out, true);
    const { shape, data } = decodeNpz(await readFile(join(out, 'case_b.npz')), 'probabilities', 2 ** 20);
    expect(shape).toEqual([2, 2, 2, 2]);
    expect(data).toEqual(PARTS.probabilities('2d', 'case_b'));
  });

  it('leaves a folder that has something as it is', async () => {
    await mkdir(out);
    await writeFile(join(out, 'mine'), '');
    await expect(accumulate(trained, out, false)).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
    expect(await readdir(out)).toEqual(['mine']);
  });
});
