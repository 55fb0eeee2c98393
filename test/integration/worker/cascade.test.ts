// A cascade through the worker's steps: what the folds of the first stage see becomes input of the second.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolutionNet } from '#core/geometry/axes.ts';
import type { Plans } from '#core/planning/plans.ts';
import { readNifti } from '#formats/nifti.ts';
import { decodeCase, decodeZarrArray } from '#formats/zarr.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { InProcessWorker } from './in-process-worker.ts';
import { TaskSteps } from './task-steps.ts';
import { tinyCaseId, writeTinyDataset } from './tiny-dataset.ts';

const CASES = 4;
const FOLDS = [0, 1];

let folder: TemporaryFolder;
let task: TaskSteps;
let worker: InProcessWorker;
let arrays: StepOutputs;
let firstStage: readonly StepOutputs[];

beforeAll(async () => {
  folder = await temporaryFolder();
  const dataset = new MemoryObjectStore();
  await writeTinyDataset(dataset, CASES);
  task = new TaskSteps({
    objects: new MemoryObjectStore(),
    dataset,
    datasetUri: 'memory:tiny',
    spec: {
      folds: FOLDS.length,
      configurations: ['3d_cascade_fullres'],
      planner: { overrides: { '3d_fullres': { patchSize: [16, 16, 16], featuresPerStage: [4, 8] } } },
      training: { epochs: 1, iterationsPerEpoch: 2, validationIterationsPerEpoch: 1 },
      inference: { stepFraction: 1, mirroring: false },
    },
    checkpointIntervalSeconds: 60,
  });
  worker = new InProcessWorker(task.store, dataset, folder.path);
  const run = async (digest: string, attempt: number) => (await worker.attempt(digest, attempt)).exit;
  await task.finish('ingest', run);
  await task.finishPlanWith(withCascade);
  await task.finish('preprocess/3d_lowres', run);
  arrays = await task.finish('preprocess/3d_fullres', run);
  const trained: StepOutputs[] = [];
  for (const fold of FOLDS) trained.push(await task.finish(`train/3d_lowres/${fold}`, run));
  firstStage = trained;
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The tiny images are too small for a lower resolution of the planner's own. */
function withCascade(plans: Plans): Plans {
  const full = plans.configurations.find(({ name }) => name === '3d_fullres');
  if (full === undefined) throw new Error('the tiny data set was not planned in 3D');
  const low = {
    ...full,
    name: '3d_lowres',
    dataIdentifier: 'nnUNetPlans_3d_lowres',
    spacing: resolutionNet(full.spacing.map((mm) => 2 * mm)),
    nextStages: ['3d_cascade_fullres'],
  };
  const cascade = { ...full, name: '3d_cascade_fullres', previousStage: '3d_lowres' };
  return { ...plans, configurations: [low, full, cascade] };
}

describe('the first stage of a cascade', () => {
  test('writes what it sees of each validation case on the grid of the next stage’s arrays', async () => {
    const seen: string[] = [];
    for (const outputs of firstStage) {
      for (let i = 0; i < CASES; i++) {
        const path = `next_stage/3d_cascade_fullres/${tinyCaseId(i)}`;
        if (outputs.list(`${path}/`).length === 0) continue;
        const { image, label } = await decodeCase(`cases/${tinyCaseId(i)}`, (key) => arrays.tryRead(key));
        const { shape, data } = await decodeZarrArray(path, (key) => outputs.tryRead(key));
        expect(shape).toEqual([...image.shape]);
        // The engine's guess by brightness is mostly right, on a grid of twice the spacing too.
        const right = label.data.filter((value, voxel) => Math.max(value, 0) === data[voxel]).length;
        expect(right / label.data.length).toBeGreaterThan(0.75);
        seen.push(tinyCaseId(i));
      }
    }
    expect(seen.sort()).toEqual(Array.from({ length: CASES }, (_, i) => tinyCaseId(i)));
  });
});

describe('the second stage of a cascade', () => {
  test('trains on its images and what the first stage saw, and predicts on the raw grid', async () => {
    const step = await task.describe('train/3d_cascade_fullres/0');
    const { exit, calls } = await worker.attempt(step, 1);
    expect(exit).toBe(EXIT_CODES.done);
    expect(calls).toEqual(['step', 'step', 'validate', 'predict', 'predict']);
    const outputs = await task.store.outputs(step);
    const [{ prediction_file }] = JSON.parse(await outputs.readText('validation/summary.json')).metric_per_case;
    const predicted = readNifti(await outputs.read(`validation/${prediction_file}`));
    const raw = readNifti((await task.dataset.get(`labelsTr/${prediction_file}`)) ?? new Uint8Array());
    expect(predicted.geometry).toEqual(raw.geometry);
  });
});
