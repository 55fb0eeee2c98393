// The train step, on an engine that does arithmetic instead of learning: a fold that is interrupted, wherever that is, must
// end as one that was not.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEngine as openRealEngine } from '#compute/open-engine.ts';
import { readNifti } from '#formats/nifti.ts';
import { decodeSafetensors, encodeSafetensors } from '#formats/safetensors.ts';
import { decodeZarrArray } from '#formats/zarr.ts';
import { type EpochMetrics, parseMetrics } from '#steps/epoch-metrics.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { contentDigest } from '#steps/manifest.ts';
import { StepStore } from '#steps/step-store.ts';
import { engineAbsence } from '#test/engine-absence.ts';
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
  step = await stepOf({}, ['train/3d_fullres/0']);
});
afterAll(() => folder[Symbol.asyncDispose]());

/** Carries out what must come before the last of `keys`, and the others of them. @returns the digest of that step. */
async function stepOf(training: object, keys: readonly string[]) {
  const task = new TaskSteps({
    objects,
    dataset,
    datasetUri: 'memory:tiny',
    spec: {
      folds: 3,
      configurations: ['3d_fullres'],
      planner: { overrides: { '3d_fullres': { patchSize: [16, 16, 16], featuresPerStage: [4, 8] } } },
      training: { ...schedule, optimizer: 'adamw', ...training },
      inference: { stepFraction: 1, mirroring: false },
    },
    checkpointIntervalSeconds: 2,
  });
  const worker = new InProcessWorker(task.store, dataset, folder.path);
  const run = async (digest: string, attempt: number) => (await worker.attempt(digest, attempt)).exit;
  for (const key of ['ingest', 'plan', 'preprocess/3d_fullres', ...keys.slice(0, -1)]) await task.finish(key, run);
  return task.describe(keys.at(-1) ?? '');
}

/** A fold of which nothing has been done yet. */
function freshFold(step: string) {
  const copy = new MemoryObjectStore();
  for (const [key, object] of objects.objects) copy.objects.set(key, object);
  const store = new StepStore(copy);
  const worker = new InProcessWorker(store, dataset, folder.path);
  return {
    store,
    objects: copy,
    attempt: (number: number, options: AttemptOptions = {}) => worker.attempt(step, number, options),
    digest: async () => contentDigest((await store.outputs(step)).manifest),
    outputs: () => store.outputs(step),
    async metrics(): Promise<EpochMetrics[]> {
      return parseMetrics(await (await store.outputs(step)).readText('metrics.jsonl'));
    },
  };
}

async function undisturbed(step: string): Promise<string> {
  const fold = freshFold(step);
  await fold.attempt(1);
  return fold.digest();
}

describe('an undisturbed fold', () => {
  test('writes weights, metrics, and a prediction on the raw grid of each validation case', async () => {
    const fold = freshFold(step);
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
    expect(await undisturbed(step)).toBe(await undisturbed(step));
  });

  test('publishes every epoch, with the times that no output holds', async () => {
    const { bus } = await freshFold(step).attempt(1);
    expect(bus.messages.map(({ id }) => id.replace(/^[0-9a-f]{64}/, '<step>'))).toEqual(['<step>.1.0', '<step>.1.1']);
    expect(bus.messages[0]).toMatchObject({
      subject: 'metrics.uid-1.3d_fullres.0',
      body: { attempt: 1, epoch: 0, epochs: 2, seconds: EPOCH.length, learningRate: 0.01 },
    });
  });

  test('leaves no checkpoint behind', async () => {
    const fold = freshFold(step);
    await fold.attempt(1);
    expect(await fold.store.latestCheckpoint(step)).toBeUndefined();
  });
});

describe('an interrupted fold', () => {
  const everyCall = FOLD.map((_, i) => i + 1);

  test.each(everyCall)('asked to stop during call %i, yields and goes on where it was', async (atCall) => {
    const fold = freshFold(step);
    const first = await fold.attempt(1, { interruption: { how: 'checkpoint', atCall } });
    // In its last call there is nothing left to yield before.
    expect(first.exit).toBe(atCall === FOLD.length ? EXIT_CODES.done : EXIT_CODES.yielded);
    const second = await fold.attempt(2);
    expect(second.exit).toBe(EXIT_CODES.done);
    const trained = [...first.calls, ...second.calls].filter((call) => call !== 'predict');
    expect(trained).toEqual([...EPOCH, ...EPOCH]);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });

  test.each(everyCall)('killed during call %i, loses no more than an interval and ends the same', async (atCall) => {
    const fold = freshFold(step);
    await fold.attempt(1, { interruption: { how: 'now', atCall } });
    const second = await fold.attempt(2);
    expect(second.exit).toBe(EXIT_CODES.done);
    expect(second.calls.length).toBeLessThanOrEqual(FOLD.length - atCall + 3);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });

  test('may be interrupted again and again', async () => {
    const fold = freshFold(step);
    for (const [i, atCall] of [2, 3, 1, 2].entries()) {
      const interruption: Interruption = { how: i % 2 === 0 ? 'checkpoint' : 'now', atCall };
      await fold.attempt(i + 1, { interruption });
    }
    expect((await fold.attempt(5)).exit).toBe(EXIT_CODES.done);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });

  test('is refused by an engine whose arithmetic differs, by name', async () => {
    const fold = freshFold(step);
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
    const fold = freshFold(step);
    const { exit, log } = await fold.attempt(1, { skips: (number) => number === 1 });
    expect(exit).toBe(EXIT_CODES.done);
    const metrics = (await (await fold.store.outputs(step)).readText('metrics.jsonl')).split('\n');
    expect(JSON.parse(metrics[0] ?? '')).toMatchObject({ skippedSteps: 1 });
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ skippedSteps: 1 }) }),
    );
  });
});

const absence = await engineAbsence('torch', 'float16');
const without = absence === null || process.env.REQUIRE_TORCH === '1' ? '' : ` (skipped: ${absence})`;
describe.skipIf(without !== '')(`a fold in float16${without}`, () => {
  const reduced = () => stepOf({ precision: 'float16', optimizer: 'sgd' }, ['train/3d_fullres/0']);
  /** The engine that computes it, but its loss begins with a scale at which the first gradients overflow. */
  const openEngine: typeof openRealEngine = async (request) => {
    const engine = await openRealEngine(request);
    const compile = engine.compile.bind(engine);
    engine.compile = async (graph) => {
      const network = await compile(graph);
      const train = network.train.bind(network);
      network.train = ({ lossScaling, ...setup }, cases) => {
        if (lossScaling === null) throw new Error('expected a loss that is scaled');
        return train({ ...setup, lossScaling: { ...lossScaling, initialScale: 2 ** 20 } }, cases);
      };
      return network;
    };
    return engine;
  };

  test('counts the steps that looked for the scale of its loss, and ends the same when killed meanwhile', async () => {
    const step = await reduced();
    const whole = freshFold(step);
    await whole.attempt(1, { openEngine });
    expect((await whole.metrics()).map(({ skippedSteps }) => skippedSteps)).toEqual([2, 0]);

    const killed = freshFold(step);
    // Its newest checkpoint is of the second step.
    await killed.attempt(1, { openEngine, interruption: { how: 'now', atCall: 3 } });
    const { exit, calls } = await killed.attempt(2, { openEngine });
    expect(exit).toBe(EXIT_CODES.done);
    expect(calls.length).toBeLessThan(FOLD.length);
    expect(await killed.digest()).toBe(await whole.digest());
  });
});

describe('the weights of the best epoch', () => {
  /** With this seed the first of two epochs has the higher average. */
  const seed = 3;

  test('are those that a training of so many epochs ends with', async () => {
    const fold = freshFold(await stepOf({ seed }, ['train/3d_fullres/0']));
    await fold.attempt(1);
    const [first, second] = (await fold.metrics()).map(({ movingAverageDice }) => movingAverageDice ?? 0);
    expect(first).toBeGreaterThan(second ?? 1);
    // In its first epoch a training has the same rate, however many follow.
    const short = freshFold(await stepOf({ seed, epochs: 1 }, ['train/3d_fullres/0']));
    await short.attempt(1);
    const [outputs, shorter] = [await fold.outputs(), await short.outputs()];
    expect(await outputs.read('best.safetensors')).toEqual(await shorter.read('final.safetensors'));
    expect(await outputs.read('best.safetensors')).not.toEqual(await outputs.read('final.safetensors'));
  });

  test('are the same after a kill in the epoch that follows', async () => {
    const step = await stepOf({ seed }, ['train/3d_fullres/0']);
    const fold = freshFold(step);
    await fold.attempt(1, { interruption: { how: 'now', atCall: EPOCH.length + 3 } });
    await fold.attempt(2);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });
});

describe('a fold that is stopped during its validation', () => {
  const afterOneCase: Interruption = { how: 'checkpoint', atCall: FOLD.length - 1 };

  test('does not predict again what is there', async () => {
    const fold = freshFold(step);
    await fold.attempt(1, { interruption: afterOneCase });
    expect((await fold.attempt(2)).calls).toEqual(['predict']);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });

  test('predicts again what is damaged, and says so', async () => {
    const fold = freshFold(step);
    await fold.attempt(1, { interruption: afterOneCase });
    const [damaged = ''] = (await fold.objects.list(`steps/${step}/attempts/1/validation/`)).filter((key) =>
      key.includes('/probabilities/c/'),
    );
    await fold.objects.put(damaged, new Uint8Array(8));
    const { calls, log } = await fold.attempt(2);
    expect(calls).toEqual(['predict', 'predict']);
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'damaged part passed over' }));
    expect(await fold.digest()).toBe(await undisturbed(step));
  });
});

describe('a fold that goes on with a longer schedule', () => {
  const longer = () => stepOf({ epochs: 3, continueFrom: [2] }, ['train/3d_fullres/0/until/2', 'train/3d_fullres/0']);

  test('starts where the shorter one ended, at the rate that the longer one has there', async () => {
    const step = await longer();
    const fold = freshFold(step);
    const { calls } = await fold.attempt(1);
    expect(calls).toEqual([...EPOCH, 'predict', 'predict']);
    const metrics = await fold.metrics();
    expect(metrics.map(({ epoch, epochs, learningRate }) => [epoch, epochs, learningRate])).toEqual([
      [0, 2, 0.01],
      [1, 2, 0.01 * 0.5 ** 0.9],
      [2, 3, 0.01 * (1 - 2 / 3) ** 0.9],
    ]);
    const whole = freshFold(await stepOf({ epochs: 3 }, ['train/3d_fullres/0']));
    await whole.attempt(1);
    expect(await whole.digest()).not.toBe(await fold.digest());
  });

  test.each(EPOCH.map((_, i) => i + 1))('killed during call %i ends the same', async (atCall) => {
    const step = await longer();
    const fold = freshFold(step);
    await fold.attempt(1, { interruption: { how: 'now', atCall } });
    expect((await fold.attempt(2)).exit).toBe(EXIT_CODES.done);
    expect(await fold.digest()).toBe(await undisturbed(step));
  });
});

describe('a fold that starts from pretrained weights', () => {
  const uri = 'memory:tiny/pretrained.safetensors';
  const pretrained = () => stepOf({ pretrainedWeights: { '3d_fullres': uri } }, ['train/3d_fullres/0']);

  test('is another one, by nothing but those weights', async () => {
    const scratch = freshFold(step);
    await scratch.attempt(1);
    const weights = await (await scratch.outputs()).read('final.safetensors');
    await dataset.put('pretrained.safetensors', weights);
    const fold = freshFold(await pretrained());
    await fold.attempt(1);
    // The arithmetic engine's steps add the same, whatever the weights: what they started from still shows.
    const first = (bytes: Uint8Array, name: string) => decodeSafetensors(bytes).tensors.get(name)?.data[0] ?? 0;
    const ended = await (await fold.outputs()).read('final.safetensors');
    const name = 'encoder.stages.0.0.convs.0.conv.weight';
    const head = 'decoder.seg_layers.0.weight';
    expect(first(ended, head)).toBe(first(weights, head));
    expect(first(ended, name)).not.toBe(first(weights, name));
  });

  test('is refused when the file is another one by then, or of another network', async () => {
    await dataset.put(
      'pretrained.safetensors',
      encodeSafetensors(new Map([['a', { shape: [1], data: Float32Array.of(1) }]])),
    );
    const was = await pretrained();
    const fold = freshFold(was);
    await dataset.put('pretrained.safetensors', encodeSafetensors(new Map()));
    expect((await fold.attempt(1)).exit).toBe(EXIT_CODES.badInput);
    expect(await fold.store.failure(was, 1)).toMatchObject({
      code: 'SOURCE_CHANGED',
      message: expect.stringContaining('the pretrained weights changed'),
    });
    const digest = await pretrained();
    const other = freshFold(digest);
    expect((await other.attempt(1)).exit).toBe(EXIT_CODES.badInput);
    expect(await other.store.failure(digest, 1)).toMatchObject({
      code: 'PRETRAINED_WEIGHTS_MISMATCH',
      message: expect.stringContaining('got none of that name'),
    });
  });
});

test('fewer cases than folds are planned and preprocessed, and have no fold to train', async () => {
  const few = new MemoryObjectStore();
  await writeTinyDataset(few, 3);
  const task = new TaskSteps({
    objects: new MemoryObjectStore(),
    dataset: few,
    datasetUri: 'memory:few',
    spec: { configurations: ['3d_fullres'] },
    checkpointIntervalSeconds: 2,
  });
  const worker = new InProcessWorker(task.store, few, folder.path);
  const run = async (digest: string, attempt: number) => (await worker.attempt(digest, attempt)).exit;
  for (const key of ['ingest', 'plan', 'preprocess/3d_fullres']) await task.finish(key, run);
  const training = await task.describe('train/3d_fullres/0');
  expect(await run(training, 1)).toBe(EXIT_CODES.failed);
  expect((await task.store.failure(training, 1))?.message).toBe('splits_final.json has no fold 0');
});
