import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BadInputError } from '#core/errors.ts';
import { HandedOverCredentials } from '#platform/objects/handed-over-credentials.ts';
import { aStep } from '#test/a-step.ts';
import { eventually } from '#test/eventually.ts';
import { FakeControllerLink } from '#test/fake-controller-link.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { MemoryBus } from '#test/memory-bus.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { contentDigest } from './manifest.ts';
import { stepDigest } from './step.ts';
import type { StepHandler } from './step-context.ts';
import { manifestKey } from './step-keys.ts';
import { runStepProgram, type StepProgram } from './step-program.ts';
import { StepStore } from './step-store.ts';

const step = stepDigest(aStep().identity);

class FaultyDatasetError extends BadInputError {
  readonly code = 'DATASET_FAULTY';
}

let folder: TemporaryFolder;
let objects: MemoryObjectStore;
let store: StepStore;
let clock: ManualClock;
let log: RecordingLogger;
let checkpoint: AbortController;
let now: AbortController;
beforeEach(async () => {
  folder = await temporaryFolder();
  objects = new MemoryObjectStore();
  store = new StepStore(objects);
  clock = new ManualClock();
  log = new RecordingLogger();
  checkpoint = new AbortController();
  now = new AbortController();
  await store.describe(aStep());
});
afterEach(() => folder[Symbol.asyncDispose]());

const run = (train: StepHandler, others: Partial<StepProgram> = {}): Promise<number> =>
  runStepProgram({
    step,
    attempt: 1,
    version: '0.1.0',
    store,
    handlers: { train },
    link: new FakeControllerLink({}),
    credentials: null,
    clock,
    log,
    datasets: () => objects,
    bus: new MemoryBus(),
    scratch: join(folder.path, 'scratch'),
    signals: { checkpoint: checkpoint.signal, now: now.signal },
    ...others,
  });

/** Works until it is asked to stop. */
const untilStopped: StepHandler = async ({ stop }) => {
  if (!stop.signal.aborted) await new Promise((resolve) => stop.signal.addEventListener('abort', resolve));
  return { kind: 'yielded' };
};

const logged = (message: string) => log.lines.filter((line) => line.message === message);

describe('a step that succeeds', () => {
  test('commits its outputs and exits with 0', async () => {
    const exit = await run(async ({ output }) => {
      await output.writeText('final.safetensors', 'weights');
      return { kind: 'done', result: { meanDice: 0.8 } };
    });
    expect(exit).toBe(EXIT_CODES.done);
    expect(await store.manifest(step)).toMatchObject({ attempt: 1, result: { meanDice: 0.8 } });
    expect(await store.attempts(step)).toEqual([1]);
  });

  test('exits with 0 also when another attempt was first', async () => {
    const exit = await run(async ({ store }) => {
      await store.attempt(step, 2).commit('of the other');
      return { kind: 'done', result: 'of this one' };
    });
    expect(exit).toBe(EXIT_CODES.done);
    expect(await store.manifest(step)).toMatchObject({ attempt: 2, result: 'of the other' });
    expect(logged('step done')).toMatchObject([{ fields: { place: 'lost' } }]);
  });

  test('that is done already is not carried out again', async () => {
    await store.attempt(step, 1).commit(null);
    const exit = await run(() => Promise.reject(new Error('must not run')), { attempt: 2 });
    expect(exit).toBe(EXIT_CODES.done);
    expect(await store.attempts(step)).toEqual([]);
  });

  test('leaves no checkpoint and no scratch folder', async () => {
    let scratch = '';
    await run(async (context) => {
      scratch = context.scratch;
      await writeFile(join(scratch, 'cache'), 'x');
      await context.saveCheckpoint({ iteration: 1, files: new Map(), facts: null });
      expect(await context.latestCheckpoint()).toMatchObject({ iteration: 1 });
      return { kind: 'done', result: null };
    });
    expect(await store.latestCheckpoint(step)).toBeUndefined();
    expect(scratch).not.toBe('');
    expect(existsSync(scratch)).toBe(false);
  });
});

describe('a step that fails', () => {
  test.each([
    {
      name: 'bad input',
      error: new FaultyDatasetError('case a: NaN'),
      wantExit: EXIT_CODES.badInput,
      wantFailure: { code: 'DATASET_FAULTY', message: 'case a: NaN' },
    },
    {
      name: 'anything else',
      error: new RangeError('expected 1, got 2'),
      wantExit: EXIT_CODES.failed,
      wantFailure: { code: 'INTERNAL', message: 'expected 1, got 2' },
    },
  ])('by $name says why and exits with $wantExit', async ({ error, wantExit, wantFailure }) => {
    expect(await run(() => Promise.reject(error))).toBe(wantExit);
    expect(await store.failure(step, 1)).toEqual(wantFailure);
    expect(await store.manifest(step)).toBeUndefined();
    expect(logged('step failed')).toHaveLength(1);
  });

  test('keeps its checkpoints for the next attempt', async () => {
    await run(async (context) => {
      await context.saveCheckpoint({ iteration: 5, files: new Map(), facts: null });
      throw new Error('out of luck');
    });
    expect(await store.latestCheckpoint(step)).toMatchObject({ iteration: 5 });
  });

  test('on a full store exits with 1 and says so in the log', async () => {
    const exit = await run(async () => {
      objects.put = () => Promise.reject(new Error('no room left'));
      throw new Error('no room left');
    });
    expect(exit).toBe(EXIT_CODES.failed);
    expect(logged('failure not recorded')).toHaveLength(1);
  });

  test('for want of a handler says of which kind', async () => {
    expect(await run(untilStopped, { handlers: {} })).toBe(EXIT_CODES.failed);
    expect(await store.failure(step, 1)).toMatchObject({ message: 'this program has no handler for train steps' });
  });

  test('for want of a description says so', async () => {
    expect(await run(untilStopped, { step: 'f'.repeat(64) })).toBe(EXIT_CODES.failed);
    expect(await store.failure('f'.repeat(64), 1)).toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  test('by yielding unasked is a fault of its handler', async () => {
    expect(await run(async () => ({ kind: 'yielded' }))).toBe(EXIT_CODES.failed);
  });
});

describe('the inputs of a step', () => {
  async function withInput(contents: string): Promise<string> {
    const plan = await store.describe(aStep({ kind: 'plan' }));
    await store.attempt(plan, 1).commit({ folds: 2 });
    const manifest = (await store.outputs(plan)).manifest;
    const inputs = { plan: contents === 'right' ? contentDigest(manifest) : contents };
    return store.describe(aStep({ inputs }, { plan }));
  }

  test('are those of the step that the description names', async () => {
    const training = await withInput('right');
    const exit = await run(
      async (context) => ({ kind: 'done', result: (await context.inputs('plan')).manifest.result }),
      { step: training },
    );
    expect(exit).toBe(EXIT_CODES.done);
    expect(await store.manifest(training)).toMatchObject({ result: { folds: 2 } });
  });

  test('are refused when they are not those of the identity', async () => {
    const training = await withInput('0'.repeat(64));
    const read: StepHandler = async (context) => ({ kind: 'done', result: (await context.inputs('plan')).list('') });
    expect(await run(read, { step: training })).toBe(EXIT_CODES.failed);
    expect(await store.failure(training, 1)).toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  test('are only those of the description', async () => {
    await run(async (context) => ({ kind: 'done', result: (await context.inputs('plans')).list('') }));
    expect(await store.failure(step, 1)).toMatchObject({ message: 'a train step has no input plans' });
  });
});

describe('a step that is asked to stop', () => {
  test.each([
    { name: 'by SIGTERM', ask: () => checkpoint.abort(), link: new FakeControllerLink({}) },
    { name: 'by the controller', ask: () => {}, link: new FakeControllerLink({ instruction: 'yield' }) },
  ])('$name yields after its checkpoint and exits with 75', async ({ ask, link }) => {
    const ended = run(
      async (context) => {
        const outcome = await untilStopped(context);
        expect(context.stop.requested).toBe('checkpoint');
        await context.saveCheckpoint({ iteration: 3, files: new Map(), facts: null });
        return outcome;
      },
      { link },
    );
    await eventually('the step has started', () => link.requests.length > 0);
    ask();
    expect(await ended).toBe(EXIT_CODES.yielded);
    expect(await store.latestCheckpoint(step)).toMatchObject({ iteration: 3 });
    expect(await store.failure(step, 1)).toBeUndefined();
  });

  test('may still finish instead', async () => {
    checkpoint.abort();
    expect(await run(async () => ({ kind: 'done', result: null }))).toBe(EXIT_CODES.done);
  });

  test.each([
    { name: 'by a second signal', ask: () => now.abort(), link: new FakeControllerLink({}) },
    { name: 'by the controller', ask: () => {}, link: new FakeControllerLink({ instruction: 'stop' }) },
  ])('at once $name is not waited for', async ({ ask, link }) => {
    const ended = run(() => new Promise(() => {}), { link });
    await eventually('the step has started', () => link.requests.length > 0);
    ask();
    expect(await ended).toBe(EXIT_CODES.yielded);
  });

  test('may give up by the AbortError of the signal', async () => {
    const link = new FakeControllerLink({ instruction: 'yield' });
    const sleeping: StepHandler = async ({ stop }) => {
      await setTimeout(60_000, undefined, { signal: stop.signal });
      return { kind: 'done', result: null };
    };
    expect(await run(sleeping, { link })).toBe(EXIT_CODES.yielded);
  });
});

describe('a step that runs', () => {
  test('tells the controller at every interval how far it is', async () => {
    const link = new FakeControllerLink({ intervalSeconds: 20 });
    const started = Promise.withResolvers<Parameters<StepHandler>[0]>();
    const ended = run(
      async (context) => {
        started.resolve(context);
        return untilStopped(context);
      },
      { link },
    );
    const context = await started.promise;
    await eventually('it waits for the interval', () => clock.sleeping === 1);
    context.progress('epoch 1 of 8', 1, 8);
    clock.advance(19_999);
    expect(link.requests).toHaveLength(1);
    clock.advance(1);
    await eventually('it has asked again', () => link.requests.length === 2);
    expect(link.requests[0]).toEqual({
      step,
      attempt: 1,
      workerVersion: '0.1.0',
      progress: { activity: 'starting', unitsDone: 0, unitsTotal: 0 },
      credentialsSeconds: 0,
    });
    expect(link.requests[1]).toMatchObject({ progress: { activity: 'epoch 1 of 8', unitsDone: 1, unitsTotal: 8 } });
    checkpoint.abort();
    await ended;
    expect(clock.sleeping).toBe(0);
  });

  test('goes on without the controller until its lease has ended twice, then checkpoints and exits with 75', async () => {
    const link = new FakeControllerLink({ leaseSeconds: 60, intervalSeconds: 30 }, new Error('connection refused'));
    const ended = run(untilStopped, { link });
    for (const asked of [1, 2, 3, 4]) {
      await eventually('it waits for the interval', () => link.requests.length === asked && clock.sleeping === 1);
      clock.advance(30_000);
    }
    expect(logged('controller did not answer').map(({ fields }) => fields)).toMatchObject([
      { silentSeconds: 30 },
      { silentSeconds: 60 },
      { silentSeconds: 90 },
    ]);
    expect(await ended).toBe(EXIT_CODES.yielded);
    expect(link.requests).toHaveLength(5);
  });

  test('counts its lease anew from each answer', async () => {
    const away = new Error('connection refused');
    const link = new FakeControllerLink(
      { leaseSeconds: 30, intervalSeconds: 30 },
      away,
      { leaseSeconds: 30, intervalSeconds: 30 },
      away,
    );
    const ended = run(untilStopped, { link });
    for (const asked of [1, 2, 3, 4]) {
      await eventually('it waits for the interval', () => link.requests.length === asked && clock.sleeping === 1);
      clock.advance(30_000);
    }
    expect(await ended).toBe(EXIT_CODES.yielded);
    expect(link.requests).toHaveLength(5);
  });

  test('goes on when it was itself too busy to hear the controller, however long', async () => {
    const late = new Error('deadline exceeded');
    const link = new FakeControllerLink({ leaseSeconds: 60, intervalSeconds: 30 }, late, late, {});
    const ended = run(untilStopped, { link });
    for (const asked of [1, 2, 3]) {
      await eventually('it waits for the interval', () => link.requests.length === asked && clock.sleeping === 1);
      clock.advance(10 * 60_000); // As in resampling a large case: nothing else runs meanwhile.
    }
    await eventually('it asks again', () => link.requests.length === 4);
    expect(logged('controller did not answer').map(({ fields }) => fields)).toMatchObject([
      { silentSeconds: 40 },
      { silentSeconds: 80 },
    ]);
    checkpoint.abort();
    expect(await ended).toBe(EXIT_CODES.yielded);
  });

  test('passes over a damaged checkpoint with a warning', async () => {
    await store.begin(step, 1);
    await store.saveCheckpoint(step, 1, { iteration: 4, files: new Map(), facts: null });
    const [reference = ''] = (await objects.list('')).filter((key) => key.endsWith('/reference.json'));
    await objects.put(reference, new TextEncoder().encode('{'));
    const read: StepHandler = async (context) => {
      expect(await context.latestCheckpoint()).toBeUndefined();
      return { kind: 'done', result: null };
    };
    expect(await run(read, { attempt: 2 })).toBe(EXIT_CODES.done);
    expect(logged('damaged checkpoint passed over')).toHaveLength(1);
  });

  test('that cannot remove its scratch folder is done all the same', async () => {
    await store.attempt(step, 1).commit(null);
    expect(await run(untilStopped, { attempt: 2, scratch: 'no\0path' })).toBe(EXIT_CODES.done);
    expect(logged('scratch not removed')).toHaveLength(1);
  });

  test('that cannot remove its checkpoints is done all the same', async () => {
    const exit = await run(async () => {
      objects.list = () => Promise.reject(new Error('forbidden'));
      return { kind: 'done', result: null };
    });
    expect(exit).toBe(EXIT_CODES.done);
    expect(objects.objects.has(manifestKey(step))).toBe(true);
    expect(logged('checkpoints and parts not removed')).toHaveLength(1);
  });
});

describe('a step whose store opens to what the controller hands over', () => {
  const issued = { accessKey: 'key', secretKey: 'secret', sessionToken: 'token', validSeconds: 3600 };
  const finish: StepHandler = async () => ({ kind: 'done', result: null });
  const aProgram = (link: FakeControllerLink) => {
    const credentials = new HandedOverCredentials({ clock, patienceSeconds: 900 });
    return { credentials, ended: run(finish, { link, credentials }) };
  };

  test('asks the controller before it reads anything', async () => {
    const { get } = objects;
    let askedFirst = false;
    const link = new FakeControllerLink({ credentials: issued });
    objects.get = (key) => {
      askedFirst ||= link.requests.length > 0;
      expect(askedFirst).toBe(true);
      return get.call(objects, key);
    };
    const { ended, credentials } = aProgram(link);
    expect(await ended).toBe(EXIT_CODES.done);
    expect(askedFirst).toBe(true);
    expect(await credentials.current()).toMatchObject({ accessKey: 'key' });
  });

  test('waits until they come', async () => {
    const link = new FakeControllerLink({}, { credentials: issued });
    const { ended } = aProgram(link);
    await eventually('it waits for both', () => clock.sleeping === 2);
    expect(await store.attempts(step)).toEqual([]);
    clock.advance(15_000);
    expect(await ended).toBe(EXIT_CODES.done);
    expect(link.requests.map(({ credentialsSeconds }) => credentialsSeconds)).toEqual([0, 0]);
  });

  test('says for how long its own are good, and that the store refused them', async () => {
    const link = new FakeControllerLink({ credentials: issued }, {});
    const credentials = new HandedOverCredentials({ clock, patienceSeconds: 900 });
    const ended = run(untilStopped, { link, credentials });
    const answered = (count: number) => eventually('it has asked', () => link.requests.length === count);
    await eventually('it waits for the interval', () => clock.sleeping === 1);
    clock.advance(15_000);
    await answered(2);
    await eventually('it waits for the interval', () => clock.sleeping === 1);
    credentials.refused(await credentials.current(), 'ExpiredToken');
    clock.advance(15_000);
    await answered(3);
    expect(link.requests.map(({ credentialsSeconds }) => credentialsSeconds)).toEqual([0, 3585, 0]);
    checkpoint.abort();
    expect(await ended).toBe(EXIT_CODES.yielded);
  });

  test('ends without a trace when it is to stop before they come', async () => {
    const { ended } = aProgram(new FakeControllerLink({}));
    await eventually('it waits for both', () => clock.sleeping === 2);
    checkpoint.abort();
    expect(await ended).toBe(EXIT_CODES.yielded);
    expect(await store.attempts(step)).toEqual([]);
  });

  test('fails when they never come', async () => {
    const { ended } = aProgram(new FakeControllerLink({ intervalSeconds: 3600 }));
    await eventually('it waits for both', () => clock.sleeping === 2);
    clock.advance(900_000);
    expect(await ended).toBe(EXIT_CODES.failed);
    expect(logged('step failed')).toMatchObject([{ fields: { code: 'STORE_CREDENTIALS_MISSING' } }]);
  });
});

test('a step of another algorithm version is left to a program that carries it out', async () => {
  const foreign = aStep({ algorithmVersion: 99 });
  const digest = await store.describe(foreign);
  const outcome = await run(async () => ({ kind: 'done', result: null }), { step: digest });
  expect(outcome).toBe(EXIT_CODES.failed);
  expect(await store.failure(digest, 1)).toMatchObject({
    code: 'ALGORITHM_MISMATCH',
    message: expect.stringContaining('the train step is of algorithm version 99'),
  });
});

test('a program that the controller does not want makes nothing, however fast it is', async () => {
  let begun = false;
  const handler: StepHandler = async () => {
    begun = true;
    return { kind: 'done', result: null };
  };
  expect(await run(handler, { link: new FakeControllerLink({ instruction: 'stop' }) })).toBe(EXIT_CODES.yielded);
  expect(begun).toBe(false);
  expect(await store.manifest(step)).toBeUndefined();
});
