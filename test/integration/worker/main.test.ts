// Real folds in real processes, killed and asked to stop: the weights must come out byte for byte as without.

import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineUnavailableError } from '#compute/engine-unavailable-error.ts';
import { openEngine } from '#compute/open-engine.ts';
import { LocalBus } from '#platform/bus/local-bus.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { contentDigest } from '#steps/manifest.ts';
import { metricsSubjectsOf } from '#steps/step-names.ts';
import { StepStore } from '#steps/step-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { TaskSteps } from './task-steps.ts';
import { writeTinyDataset } from './tiny-dataset.ts';
import { type LoggedLine, type OnLine, runWorker, type WorkerFolders } from './worker-process.ts';

const training = { epochs: 2, iterationsPerEpoch: 6, validationIterationsPerEpoch: 2 };

/** Without torch the test is skipped, and its title says why; with REQUIRE_TORCH=1 (set in CI) it fails instead. */
async function whyNot(engine: 'torch' | 'tfjs'): Promise<string | null> {
  try {
    await using _ = await openEngine({ engine, device: 'cpu', dtype: 'float32', threads: 1 });
    return null;
  } catch (error) {
    const mayBeAbsent = engine === 'torch' && process.env.REQUIRE_TORCH !== '1';
    if (mayBeAbsent && error instanceof EngineUnavailableError) return error.message;
    throw error;
  }
}

const run = async (step: string, attempt: number) => (await runWorker(folders, step, attempt)).exitCode;

let folder: TemporaryFolder;
let folders: WorkerFolders;
let dataset: DirectoryObjectStore;
beforeAll(async () => {
  folder = await temporaryFolder();
  folders = foldersOf('base');
  dataset = new DirectoryObjectStore(join(folder.path, 'dataset'));
  await writeTinyDataset(dataset, 6);
});
afterAll(() => folder[Symbol.asyncDispose]());

const foldersOf = (name: string): WorkerFolders => ({
  objects: join(folder.path, name, 'objects'),
  bus: pathToFileURL(join(folder.path, name, 'bus')).href,
  scratch: join(folder.path, name, 'scratch'),
});

const aTask = (engine: 'torch' | 'tfjs') =>
  new TaskSteps({
    objects: new DirectoryObjectStore(folders.objects),
    dataset,
    datasetUri: pathToFileURL(join(folder.path, 'dataset')).href,
    spec: {
      folds: 3,
      configurations: ['3d_fullres'],
      planner: { overrides: { '3d_fullres': { patchSize: [16, 16, 16], featuresPerStage: [4, 8] } } },
      training: { ...training, engine, optimizer: 'adamw', initialLearningRate: 0.003 },
      inference: { stepFraction: 1, mirroring: false },
    },
    // Less than an iteration takes, so that there is a checkpoint after each.
    checkpointIntervalSeconds: 0.001,
  });

describe('the worker process', () => {
  test('tells the controller what it does, and says in its exit code how it ended', async () => {
    const step = await aTask('tfjs').describe('ingest');
    const { exitCode, requests } = await runWorker(folders, step, 1);
    expect(exitCode).toBe(EXIT_CODES.done);
    expect(requests[0]).toMatchObject({ step, attempt: 1 });
  }, 60_000);

  test('says all that is wrong with its configuration, and exits with 1', async () => {
    const { exitCode, log } = await runWorker({ ...folders, scratch: '' }, 'x', 1);
    expect(exitCode).toBe(1);
    const said = log.map(({ msg }) => msg).join('\n');
    expect(said).toContain('STEP must be a SHA-256 digest');
    expect(said).toContain('SCRATCH is not set');
  });
});

describe.each([
  { engine: 'torch', reason: await whyNot('torch') },
  { engine: 'tfjs', reason: await whyNot('tfjs') },
] as const)('a fold trained by $engine', ({ engine, reason }) => {
  if (reason !== null) {
    test.skip(`skipped: ${reason}`, () => {});
    return;
  }
  let step: string;
  let undisturbed: string[];
  beforeAll(async () => {
    const task = aTask(engine);
    for (const key of ['ingest', 'plan', 'preprocess/3d_fullres']) await task.finish(key, run);
    step = await task.describe('train/3d_fullres/0');
    const fold = await freshFold('undisturbed');
    expect((await fold.attempt(1)).exitCode).toBe(EXIT_CODES.done);
    undisturbed = await fold.weights();
  }, 120_000);

  /** The fold where nothing of it has been done yet. */
  async function freshFold(name: string, bus?: string) {
    const own = { ...foldersOf(`${engine}-${name}`), ...(bus === undefined ? {} : { bus }) };
    await cp(folders.objects, own.objects, { recursive: true });
    const store = new StepStore(new DirectoryObjectStore(own.objects));
    return {
      store,
      attempt: (number: number, onLine?: OnLine) => runWorker(own, step, number, onLine),
      /** Digests of the weights after the last epoch and after the best. */
      async weights(): Promise<string[]> {
        const { outputs } = (await store.outputs(step)).manifest;
        return ['final', 'best'].map((which) => outputs[`${which}.safetensors`]?.sha256 ?? 'none');
      },
      digest: async () => contentDigest((await store.outputs(step)).manifest),
    };
  }

  /** In the second of two epochs, between two of its iterations. */
  const midEpoch = ({ msg, iteration }: LoggedLine) => msg === 'checkpoint saved' && iteration === 6 * 3 + 2 + 2 * 3;

  test('gives the same bytes and the same digest each time', async () => {
    const fold = await freshFold('again');
    await fold.attempt(1);
    expect(await fold.weights()).toEqual(undisturbed);
    const first = new StepStore(new DirectoryObjectStore(foldersOf(`${engine}-undisturbed`).objects));
    expect(await fold.digest()).toBe(contentDigest((await first.outputs(step)).manifest));
  }, 120_000);

  test('killed in the middle of an epoch and resumed, has the same final and best weights', async () => {
    const fold = await freshFold('killed');
    const killed = await fold.attempt(1, (line, child) => {
      if (midEpoch(line)) child.kill('SIGKILL');
    });
    expect(killed.signal).toBe('SIGKILL');
    expect(await fold.store.manifest(step)).toBeUndefined();
    // Those of the first epoch, which the resumed process could not make again.
    const files = (await fold.store.latestCheckpoint(step))?.files;
    expect(files?.get('best.safetensors')).not.toEqual(files?.get('weights.safetensors'));
    const resumed = await fold.attempt(2);
    expect(resumed.exitCode).toBe(EXIT_CODES.done);
    expect(resumed.log).toContainEqual(expect.objectContaining({ msg: 'training resumed', epoch: 1, fromAttempt: 1 }));
    expect(await fold.weights()).toEqual(undisturbed);
  }, 120_000);

  const gentle: { name: string; ask: OnLine }[] = [
    { name: 'SIGTERM', ask: (_, child) => child.kill('SIGTERM') },
    { name: 'the end of its parent', ask: (_, child) => child.disconnect() },
  ];
  test.each(gentle)(
    'at $name leaves a checkpoint, exits with 75, and is resumed to the same weights',
    async ({ name, ask }) => {
      const fold = await freshFold(name.replaceAll(' ', '-'));
      const stopped = await fold.attempt(1, (line, child) => {
        if (midEpoch(line) && child.connected) ask(line, child);
      });
      expect(stopped.exitCode).toBe(EXIT_CODES.yielded);
      expect(await fold.store.latestCheckpoint(step)).toBeDefined();
      expect((await fold.attempt(2)).exitCode).toBe(EXIT_CODES.done);
      expect(await fold.weights()).toEqual(undisturbed);
    },
    120_000,
  );

  test('does not wait for a bus that is away', async () => {
    const fold = await freshFold('without-bus', 'nats://127.0.0.1:1');
    const { exitCode, log } = await fold.attempt(1);
    expect(exitCode).toBe(EXIT_CODES.done);
    expect(await fold.weights()).toEqual(undisturbed);
    const said = log.map(({ msg }) => msg);
    expect(said.filter((line) => line === 'message bus away')).toHaveLength(1);
    expect(said.at(-1)).toBe('messages not sent before the bus was closed');
  }, 120_000);

  test('learns, and says so on the bus', async () => {
    const bus = new LocalBus({
      directory: fileURLToPath(foldersOf(`${engine}-undisturbed`).bus),
      clock: systemClock,
      pollMs: 10,
    });
    const ended = new AbortController();
    const losses: number[] = [];
    for await (const { body } of bus.subscribe(metricsSubjectsOf('uid-1'), ended.signal)) {
      losses.push((body as { trainLoss: number }).trainLoss);
      if (losses.length === training.epochs) ended.abort();
    }
    expect(losses[1]).toBeLessThan(losses[0] ?? 0);
  });
});
