import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { labelScheme } from '#core/dataset/labels.ts';
import { product, shapeZyx } from '#core/geometry/axes.ts';
import { sha256 } from '#formats/digest.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { readNifti, writeNifti } from '#formats/nifti.ts';
import { decodeCase } from '#formats/zarr.ts';
import type { Cases } from '#steps/cases.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { ingestResultSchema } from '#steps/results.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { InProcessWorker } from './in-process-worker.ts';
import { TaskSteps } from './task-steps.ts';
import { tinyCaseId, writeTinyDataset } from './tiny-dataset.ts';

const CASES = 6;

let folder: TemporaryFolder;
let dataset: MemoryObjectStore;
beforeEach(async () => {
  folder = await temporaryFolder();
  dataset = new MemoryObjectStore();
  await writeTinyDataset(dataset, CASES);
});
afterEach(() => folder[Symbol.asyncDispose]());

function aTiny(spec: object = {}) {
  const task = new TaskSteps({
    objects: new MemoryObjectStore(),
    dataset,
    datasetUri: 'memory:tiny',
    spec: { folds: 2, configurations: ['3d_fullres'], ...spec },
    checkpointIntervalSeconds: 1000,
  });
  const worker = new InProcessWorker(task.store, dataset, folder.path);
  const run = async (step: string, attempt: number) => (await worker.attempt(step, attempt)).exit;
  return { task, run };
}

const imagePath = (index: number) => `imagesTr/${tinyCaseId(index)}_0000.nii.gz`;
const labelPath = (index: number) => `labelsTr/${tinyCaseId(index)}.nii.gz`;

async function volume(path: string) {
  return readNifti((await dataset.get(path)) ?? new Uint8Array());
}

describe('ingest', () => {
  test('lists every case with the digests of its files, and takes the fingerprint', async () => {
    const { task, run } = aTiny();
    const outputs = await task.finish('ingest', run);
    expect(outputs.manifest.result).toEqual({ trainingCases: CASES, warnings: { total: 0, first: [] } });
    const cases: Cases = JSON.parse(await outputs.readText('cases.json'));
    expect(cases.training.map(({ caseId }) => caseId)).toEqual([0, 1, 2, 3, 4, 5].map(tinyCaseId));
    const bytes = (await dataset.get(imagePath(3))) ?? new Uint8Array();
    expect(cases.training[3]?.images).toEqual([{ path: imagePath(3), sha256: sha256(bytes), bytes: bytes.length }]);
    expect(labelScheme(cases.dataset).foreground).toEqual([1, 2]);
    const fingerprint = parseFingerprint(await outputs.readText('dataset_fingerprint.json'));
    expect(fingerprint.spacings).toHaveLength(CASES);
    // The shell is 160, the core 220, the noise 10.
    expect(fingerprint.foregroundIntensities[0]?.mean).toBeGreaterThan(160);
    expect(fingerprint.foregroundIntensities[0]?.mean).toBeLessThan(220);
  });

  test('keeps test cases out of the fingerprint, but checks them too', async () => {
    const { task, run } = aTiny({ dataset: { uri: 'memory:tiny', selection: { train: 4, test: 2, seed: 3 } } });
    const outputs = await task.finish('ingest', run);
    const cases: Cases = JSON.parse(await outputs.readText('cases.json'));
    expect([cases.training.length, cases.test.length, cases.dataset.numTraining]).toEqual([4, 2, 4]);
    expect(parseFingerprint(await outputs.readText('dataset_fingerprint.json')).spacings).toHaveLength(4);

    const [{ caseId, label }] = cases.test as [Cases['test'][number]];
    await dataset.put(label.path, new Uint8Array([1, 2, 3]));
    const step = await task.describe('ingest');
    expect(await run(step, 1)).toBe(EXIT_CODES.badInput);
    expect((await task.store.failure(step, 1))?.message).toContain(caseId);
  });

  test('reports the faults of all cases together', async () => {
    const image = await volume(imagePath(1));
    image.data[5] = Number.NaN;
    await dataset.put(imagePath(1), writeNifti(image.data, image.shape, image.geometry));
    const label = await volume(labelPath(2));
    await dataset.put(labelPath(2), writeNifti(Uint8Array.from(label.data).fill(9, 0, 1), label.shape, label.geometry));
    const small = shapeZyx(2, 2, 2);
    await dataset.put(labelPath(3), writeNifti(new Uint8Array(product(small)), small, label.geometry));
    await dataset.put(imagePath(4), ((await dataset.get(imagePath(4))) ?? new Uint8Array()).subarray(0, 200));
    const { task, run } = aTiny();
    const step = await task.describe('ingest');
    expect(await run(step, 1)).toBe(EXIT_CODES.badInput);
    const failure = await task.store.failure(step, 1);
    expect(failure?.code).toBe('DATASET_FAULTY');
    for (const fault of [
      'case case_1: channel 0 is NaN, infinite or too large for float32 in 1 voxel',
      'case case_2: label 9 is not in dataset.json',
      'case case_3: the label is 2 x 2 x 2 voxels',
      'case case_4: the image cannot be read',
    ]) {
      expect(failure?.message).toContain(fault);
    }
  });

  test('tells what is odd about a case without stopping, in its result', async () => {
    const moved = await volume(labelPath(1));
    const elsewhere = { ...moved.geometry, sform: moved.geometry.sform.with(3, 40) };
    await dataset.put(labelPath(1), writeNifti(Uint8Array.from(moved.data), moved.shape, elsewhere));
    const empty = await volume(labelPath(2));
    await dataset.put(labelPath(2), writeNifti(new Uint8Array(empty.data.length), empty.shape, empty.geometry));
    await dataset.put('labelsTr/case_9.nii.gz', (await dataset.get(labelPath(0))) ?? new Uint8Array());
    const { task, run } = aTiny();
    const outputs = await task.finish('ingest', run);
    expect(outputs.manifest.result).toEqual({
      trainingCases: CASES,
      warnings: {
        total: 3,
        first: [
          { caseId: 'case_9', message: expect.stringContaining('no image') },
          { caseId: 'case_1', message: expect.stringContaining('differ in position or orientation') },
          { caseId: 'case_2', message: expect.stringContaining('background only') },
        ],
      },
    });
  });

  test('spells out the first warnings and counts the rest', async () => {
    for (let i = 0; i < 30; i++) {
      await dataset.put(`labelsTr/odd_${i}.nii.gz`, (await dataset.get(labelPath(0))) ?? new Uint8Array());
    }
    const { task, run } = aTiny();
    const { warnings } = ingestResultSchema.parse((await task.finish('ingest', run)).manifest.result);
    expect([warnings.total, warnings.first.length]).toEqual([30, 20]);
  });

  test('refuses a data set that changed since the step was made for it', async () => {
    const { task, run } = aTiny();
    const step = await task.describe('ingest');
    await dataset.put('imagesTr/case_9_0000.nii.gz', new Uint8Array([1]));
    expect(await run(step, 1)).toBe(EXIT_CODES.badInput);
    expect(await task.store.failure(step, 1)).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('the data set changed'),
    });
  });
});

describe('preprocess', () => {
  test('writes every training case as a group of its own', async () => {
    const { task, run } = aTiny();
    for (const key of ['ingest', 'plan']) await task.finish(key, run);
    const outputs = await task.finish('preprocess/3d_fullres', run);
    expect(outputs.manifest.result).toBeNull();
    const ready = await decodeCase(`cases/${tinyCaseId(2)}`, (key) => outputs.tryRead(key));
    // The tiny data set is planned at its own spacing, and nothing of it is 0.
    expect(ready.image.shape).toEqual((await volume(imagePath(2))).shape);
    expect(ready.classLocations.map(({ label }) => label)).toEqual([1, 2]);
  });

  test('refuses a file that changed after ingest, by the name of its case', async () => {
    const { task, run } = aTiny();
    for (const key of ['ingest', 'plan']) await task.finish(key, run);
    const step = await task.describe('preprocess/3d_fullres');
    const label = await volume(labelPath(5));
    await dataset.put(labelPath(5), writeNifti(new Uint8Array(label.data.length), label.shape, label.geometry));
    expect(await run(step, 1)).toBe(EXIT_CODES.badInput);
    expect(await task.store.failure(step, 1)).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('a file of case case_5 changed'),
    });
  });
});
