// The train step, on an engine that does arithmetic instead of learning: a fold that is interrupted, wherever that is, must
// end as one that was not.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNifti } from '#formats/nifti.ts';
import { decodeZarrArray } from '#formats/zarr.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { contentDigest } from '#steps/manifest.ts';
import { StepStore } from '#steps/step-store.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { type AttemptOptions, InProcessWorker, type Interruption } from './in-process-worker.ts';
import { TaskSteps } from './task-steps.ts';
import { writeTinyDataset } from './tiny-dataset.ts';

const CASES = 6;
const schedule = { epochs: 2, iterationsPerEpoch: 3, validationIterationsPerEpoch: 2 };
/** The engine's calls in a whole fold. */
const EPOCH = ['step', 'step', 'step', 'validate', 'validate'];
const FOLD = [...EPOCH, ...EPOCH, 'predict', 'predict'];

let folder: TemporaryFolder;
const objects = new MemoryObjectStore();
const dataset = new MemoryObjectStore();
let step: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyDataset(dataset, CASES);
  const task = new TaskSteps({
    objects,
    dataset,
    datasetUri: 'memory:tiny',
    spec: {
      folds: 3,
      configurations: ['3d_fullres'],
      planner: { overrides: { '3d_fullres': { patchSize: [16, 16, 16], featuresPerStage: [4, 8] } } },
      training: { ...schedule, optimizer: 'adamw' },
      inference: { stepFraction: 1, mirroring: false },
    },
    checkpointIntervalSeconds: 2,
  });
  const worker = new InProcessWorker(task.store, dataset, folder.path);
  const run = async (digest: string, attempt: number) => (await worker.attempt(digest, attempt)).exit;
  for (const key of ['ingest', 'plan', 'preprocess/3d_fullres']) await task.finish(key, run);
  step = await task.describe('train/3d_fullres/0');
});
afterAll(() => folder[Symbol.asyncDispose]());

/** The fold where nothing of it has been done yet. */
function freshFold() {
  const copy = new MemoryObjectStore();
  for (const [key, object] of objects.objects) copy.objects.set(key, object);
  const store = new StepStore(copy);
  const worker = new InProcessWorker(store, dataset, folder.path);
  return {
    store,
    attempt: (number: number, options: AttemptOptions = {}) => worker.attempt(step, number, options),
    digest: async () => contentDigest((await store.outputs(step)).manifest),
  };
}

async function undisturbed(options: AttemptOptions = {}): Promise<string> {
  const fold = freshFold();
  await fold.attempt(1, options);
  return fold.digest();
}

describe('an undisturbed fold', () => {
  test('writes weights, metrics, and a prediction on the raw grid of each validation case', async () => {
    const fold = freshFold();
    const { exit, calls } = await fold.attempt(1);
    expect(exit).toBe(EXIT_CODES.done);
    expect(calls).toEqual(FOLD);
    const outputs = await fold.store.outputs(step);
    const metrics = (await outputs.readText('metrics.jsonl')).trim().split('\n');
    expect(metrics.map((line) => JSON.parse(line).epoch)).toEqual([0, 1]);
    expect(metrics[0]).not.toMatch(/attempt|seconds/);

    const summary = JSON.parse(await outputs.readText('validation/summary.json'));
    expect(outputs.manifest.result).toEqual({ meanDice: summary.foreground_mean.Dice });
    expect(summary.foreground_mean.Dice).toBeGreaterThan(0.5);
    const [{ prediction_file }] = summary.metric_per_case;
    const caseId = prediction_file.replace('.nii.gz', '');
    const predicted = readNifti(await outputs.read(`validation/${caseId}.nii.gz`));
    const raw = readNifti((await dataset.get(`imagesTr/${caseId}_0000.nii.gz`)) ?? new Uint8Array());
    expect(predicted.geometry).toEqual(raw.geometry);
    const probabilities = await decodeZarrArray(`validation/${caseId}/probabilities`, (key) => outputs.tryRead(key));
    expect(probabilities.shape).toEqual([3, ...raw.shape]);
  });

  test('gives the same content as another one', async () => {
    expect(await undisturbed()).toBe(await undisturbed());
  });

  test('publishes every epoch, with the times that no output holds', async () => {
    const { bus } = await freshFold().attempt(1);
    expect(bus.messages.map(({ id }) => id.replace(/^[0-9a-f]{64}/, '<step>'))).toEqual(['<step>.1.0', '<step>.1.1']);
    expect(bus.messages[0]).toMatchObject({
      subject: 'pentafold.metrics.uid-1.3d_fullres.0',
      body: { attempt: 1, epoch: 0, epochs: 2, seconds: EPOCH.length, learningRate: 0.01 },
    });
  });

  test('leaves no checkpoint behind', async () => {
    const fold = freshFold();
    await fold.attempt(1);
    expect(await fold.store.latestCheckpoint(step)).toBeUndefined();
  });
});

describe('an interrupted fold', () => {
  const everyCall = FOLD.map((_, i) => i + 1);

  test.each(everyCall)('asked to stop during call %i, yields and goes on where it was', async (atCall) => {
    const fold = freshFold();
    const first = await fold.attempt(1, { interruption: { how: 'checkpoint', atCall } });
    // In its last call there is nothing left to yield before.
    expect(first.exit).toBe(atCall === FOLD.length ? EXIT_CODES.done : EXIT_CODES.yielded);
    const second = await fold.attempt(2);
    expect(second.exit).toBe(EXIT_CODES.done);
    const trained = [...first.calls, ...second.calls].filter((call) => call !== 'predict');
    expect(trained).toEqual([...EPOCH, ...EPOCH]);
    expect(await fold.digest()).toBe(await undisturbed());
  });

  test.each(everyCall)('killed during call %i, loses no more than an interval and ends the same', async (atCall) => {
    const fold = freshFold();
    await fold.attempt(1, { interruption: { how: 'now', atCall } });
    const second = await fold.attempt(2);
    expect(second.exit).toBe(EXIT_CODES.done);
    expect(second.calls.length).toBeLessThanOrEqual(FOLD.length - atCall + 3);
    expect(await fold.digest()).toBe(await undisturbed());
  });

  test('may be interrupted again and again', async () => {
    const fold = freshFold();
    for (const [i, atCall] of [2, 3, 1, 2].entries()) {
      const interruption: Interruption = { how: i % 2 === 0 ? 'checkpoint' : 'now', atCall };
      await fold.attempt(i + 1, { interruption });
    }
    expect((await fold.attempt(5)).exit).toBe(EXIT_CODES.done);
    expect(await fold.digest()).toBe(await undisturbed());
  });

  test('is refused by an engine whose arithmetic differs, by name', async () => {
    const fold = freshFold();
    await fold.attempt(1, { interruption: { how: 'checkpoint', atCall: 2 } });
    expect((await fold.attempt(2, { numerics: { instructionSet: 'AVX512' } })).exit).toBe(EXIT_CODES.failed);
    expect(await fold.store.failure(step, 2)).toMatchObject({
      code: 'NUMERICS_MISMATCH',
      message: expect.stringContaining("checkpoint was made with instructionSet 'none', this worker has 'AVX512'"),
    });
    expect((await fold.attempt(3)).exit).toBe(EXIT_CODES.done);
  });
});

describe('a fold whose steps are not finite', () => {
  test('counts a skipped step and goes on', async () => {
    const fold = freshFold();
    const { exit, log } = await fold.attempt(1, { skips: (number) => number === 1 });
    expect(exit).toBe(EXIT_CODES.done);
    const metrics = (await (await fold.store.outputs(step)).readText('metrics.jsonl')).split('\n');
    expect(JSON.parse(metrics[0] ?? '')).toMatchObject({ skippedSteps: 1 });
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ skippedSteps: 1 }) }),
    );
  });
});
