import { describe, expect, test } from 'vitest';
import type { ConditionType } from '#api/v1alpha1/kinds.ts';
import { ControllerWorld } from '#test/controller-world.ts';

const file = new TextEncoder().encode('a case');

async function condition(world: ControllerWorld, type: ConditionType) {
  return (await world.tasks.get('liver'))?.status?.conditions.find((one) => one.type === type);
}

/** Ingest fails for good: its attempts say that the input is bad. */
async function aFailedTask(): Promise<ControllerWorld> {
  const world = new ControllerWorld();
  await world.apply();
  const reconciler = world.aReconciler();
  await reconciler.reconcile('liver');
  await fails(world, 1);
  await reconciler.reconcile('liver');
  expect(await condition(world, 'Failed')).toMatchObject({ status: 'True', reason: 'NoLuck' });
  return world;
}

async function fails(world: ControllerWorld, attempt: number): Promise<void> {
  const step = world.runner.started.at(-1)?.step ?? '';
  await world.steps.attempt(step, attempt).fail({ code: 'NO_LUCK', message: 'the dice fell badly' });
  world.runner.go(step, attempt, { kind: 'ended', exitCode: 42 });
}

describe('what a Task takes in', () => {
  test('stays what it was when the controller is started anew, though the data set grew', async () => {
    const world = new ControllerWorld();
    await world.apply();
    await world.aReconciler().reconcile('liver');
    await world.dataset.put('imagesTr/case_1.nii.gz', file);
    await world.aReconciler().reconcile('liver');
    expect(world.runner.started.map(({ title, attempt }) => `${title} #${attempt}`)).toEqual(['ingest #1']);
  });

  test.each([
    { name: 'with another spec', env: {}, changed: true },
    { name: 'at a start that is a retry', env: { RETRY_FAILED: 'true' }, changed: false },
  ])('is looked at again $name', async ({ env, changed }) => {
    const world = new ControllerWorld();
    await world.apply();
    await world.aReconciler().reconcile('liver');
    const before = (await world.tasks.get('liver'))?.status?.takenIn;
    await world.dataset.put('imagesTr/case_1.nii.gz', file);
    if (changed) await world.apply('liver', { folds: 3 });
    await world.aReconciler(env).reconcile('liver');
    const after = (await world.tasks.get('liver'))?.status?.takenIn;
    expect(after?.revision).not.toBe(before?.revision);
    expect(after?.generation).toBe(changed ? 2 : 1);
    expect(world.runner.started).toHaveLength(2);
  });
});

describe('a request for a retry', () => {
  test('makes a failed Task work again, on what its data set is now', async () => {
    const world = await aFailedTask();
    const reconciler = world.aReconciler();
    world.clock.advance(60_000);
    await world.dataset.put('imagesTr/case_1.nii.gz', file);
    world.tasks.annotate('liver', '2026-01-01T00:01:00Z');
    await reconciler.reconcile('liver');
    expect(await condition(world, 'Failed')).toMatchObject({
      status: 'False',
      reason: 'RetryRequested',
      lastTransitionTime: world.clock.now().toISOString(),
    });
    expect(new Set(world.runner.started.map(({ step }) => step)).size).toBe(2);
  });

  test('is heard once, whoever looks how often', async () => {
    const world = await aFailedTask();
    world.clock.advance(60_000);
    world.tasks.annotate('liver', '2026-01-01T00:01:00Z');
    await world.aReconciler().reconcile('liver');
    await fails(world, 2);
    for (const reconciler of [world.aReconciler(), world.aReconciler()]) {
      await reconciler.reconcile('liver');
      await reconciler.reconcile('liver');
    }
    expect(await condition(world, 'Failed')).toMatchObject({ status: 'True' });
    expect(world.runner.started).toHaveLength(2);
  });

  test('of another value is another one', async () => {
    const world = await aFailedTask();
    const reconciler = world.aReconciler();
    for (const [attempt, value] of [
      [2, 'once'],
      [3, 'again'],
    ] as const) {
      world.clock.advance(60_000);
      world.tasks.annotate('liver', value);
      await reconciler.reconcile('liver');
      await fails(world, attempt);
      await reconciler.reconcile('liver');
    }
    expect(world.runner.started.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test('does nothing for a Task that works, now or when it fails later', async () => {
    const world = new ControllerWorld();
    await world.apply();
    const reconciler = world.aReconciler();
    await reconciler.reconcile('liver');
    world.tasks.annotate('liver', '2026-01-01T00:01:00Z');
    await reconciler.reconcile('liver');
    await fails(world, 1);
    await reconciler.reconcile('liver');
    await reconciler.reconcile('liver');
    expect(await condition(world, 'Failed')).toMatchObject({ status: 'True' });
    expect(world.runner.started).toHaveLength(1);
  });
});

describe('a look at a Task', () => {
  const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];

  async function training() {
    const world = new ControllerWorld();
    await world.apply();
    const digests = await world.finish('liver', PREPROCESSED);
    const reconciler = world.aReconciler();
    await reconciler.reconcile('liver');
    world.objects.taken();
    const look = async () => {
      await reconciler.reconcile('liver');
      return world.objects.taken();
    };
    return { world, look, fold: digests.get('train/2d/0') ?? '' };
  }

  test('whose steps run asks whether they are done, and nothing else', async () => {
    const { look } = await training();
    expect(await look()).toEqual(['get steps/<step>/manifest.json', 'get steps/<step>/manifest.json']);
  });

  test('asks once why an attempt failed', async () => {
    const { world, look, fold } = await training();
    await world.steps.attempt(fold, 1).fail({ code: 'NO_LUCK', message: 'the dice fell badly' });
    world.runner.go(fold, 1, { kind: 'ended', exitCode: 1 });
    world.objects.taken();
    expect(await look()).toEqual(
      expect.arrayContaining([
        'get steps/<step>/attempts/1/failure.json',
        'head steps/<step>/attempts/1/failure.json',
        'list steps/<step>/attempts/1/checkpoints/',
      ]),
    );
    expect(new Set(await look())).toEqual(new Set(['get steps/<step>/manifest.json']));
  });

  test('reads a reason that it wrote down itself', async () => {
    const { world, look, fold } = await training();
    world.runner.go(fold, 1, { kind: 'ended', exitCode: 139 });
    await look();
    await look();
    expect(await condition(world, 'Failed')).toMatchObject({
      reason: 'Retrying',
      message: expect.stringContaining('exit code 139'),
    });
  });

  test('finds a manifest that came while its attempt was seen as running', async () => {
    const { world, look } = await training();
    await world.finish('liver', [...PREPROCESSED, 'train/2d/0', 'train/2d/1']);
    await look();
    expect(await condition(world, 'Trained')).toMatchObject({ status: 'True' });
    expect(world.runner.started.map(({ title }) => title)).toContain('ensemble');
  });

  test('counts an attempt of an earlier controller of which the runner knows nothing', async () => {
    const { world, fold } = await training();
    await world.steps.begin(fold, 7);
    const another = world.aReconciler();
    world.runner.go(fold, 1, { kind: 'ended', exitCode: 75 });
    await another.reconcile('liver');
    expect(world.runner.started.filter(({ step }) => step === fold).map(({ attempt }) => attempt)).toEqual([1, 8]);
  });
});

describe('what is told of a Task', () => {
  test('is what a person would want to read, once', async () => {
    const world = new ControllerWorld();
    await world.apply();
    const reconciler = world.aReconciler();
    await reconciler.reconcile('liver');
    await reconciler.reconcile('liver');
    const step = world.runner.started[0]?.step ?? '';
    world.runner.go(step, 1, { kind: 'killed', by: 'unknown' });
    await reconciler.reconcile('liver');
    await reconciler.reconcile('liver');
    expect(world.events).toEqual([
      'AttemptStarted: ingest, attempt 1.',
      'SpecAccepted: The spec can be carried out.',
      'AttemptLost: ingest, attempt 1.',
      'AttemptRetried: ingest, attempt 2.',
      'StepsLost: ingest was killed once without leaving a reason, and is tried again.',
    ]);
  });
});

test('a pause that ends while the status is written is looked at again when it has ended', async () => {
  const world = new ControllerWorld();
  await world.apply();
  const reconciler = world.aReconciler();
  await reconciler.reconcile('liver');
  const step = world.runner.started[0]?.step ?? '';
  await world.steps.attempt(step, 1).fail({ code: 'NO_LUCK', message: 'the dice fell badly' });
  world.runner.go(step, 1, { kind: 'ended', exitCode: 1 });
  const write = world.tasks.updateStatus.bind(world.tasks);
  world.tasks.updateStatus = async (name, status) => {
    await write(name, status);
    world.clock.advance(60_000);
  };
  const failedAt = world.clock.now().getTime();
  expect(await reconciler.reconcile('liver')).toEqual(new Date(failedAt + 5000));
});

describe('what attempts kept for others', () => {
  const checkpoint = { iteration: 1, files: new Map(), facts: null };

  /** A Task whose ingest attempt 1 has done, while attempt 2 has a checkpoint. */
  async function aLeftCheckpoint() {
    const world = new ControllerWorld();
    await world.apply();
    const controller = world.aController();
    const { reconciler } = controller;
    await reconciler.reconcile('liver');
    const step = world.runner.started[0]?.step ?? '';
    world.runner.go(step, 1, { kind: 'killed', by: 'disruption' });
    await reconciler.reconcile('liver');
    await world.steps.saveCheckpoint(step, 2, checkpoint);
    await world.finish('liver', ['ingest']);
    return { world, ...controller, step };
  }

  test('is removed once the step is done', async () => {
    const { world, reconciler, step } = await aLeftCheckpoint();
    expect(await world.steps.latestCheckpoint(step)).toMatchObject({ attempt: 2 });
    await reconciler.reconcile('liver');
    expect(await world.steps.latestCheckpoint(step)).toBeUndefined();
  });

  test('is removed also when another Task leaves before, for which all Tasks are looked at', async () => {
    const { world, reconciler, departures, step } = await aLeftCheckpoint();
    await world.apply('spleen', { deletionPolicy: 'Delete', dataset: { uri: '/data', selection: { train: 3 } } });
    await world.tasks.hold('spleen', true);
    world.tasks.delete('spleen', world.clock.now());
    await departures.proceed();
    expect(world.tasks.held).toEqual(new Set());
    expect(await world.steps.latestCheckpoint(step)).toMatchObject({ attempt: 2 });
    await reconciler.reconcile('liver');
    expect(await world.steps.latestCheckpoint(step)).toBeUndefined();
  });

  test('is removed once', async () => {
    const { world, reconciler, step } = await aLeftCheckpoint();
    const removed: string[] = [];
    world.steps.removeInterim = async (step) => void removed.push(step);
    await reconciler.reconcile('liver');
    await reconciler.reconcile('liver');
    expect(removed).toEqual([step]);
  });

  test('and cannot be removed costs room, and nothing else', async () => {
    const { world, reconciler, step } = await aLeftCheckpoint();
    world.steps.removeInterim = () => Promise.reject(new Error('forbidden'));
    await reconciler.reconcile('liver');
    const said = world.log.lines.filter(({ message }) => message === 'checkpoints of other attempts not removed');
    expect(said).toMatchObject([{ fields: { step, attempts: [2] } }]);
  });
});

describe('while the store is away', () => {
  test('a Task that works says so, and that it is well again afterwards', async () => {
    const world = new ControllerWorld();
    await world.apply();
    const reconciler = world.aReconciler();
    await reconciler.reconcile('liver');
    world.objects.away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    await expect(reconciler.reconcile('liver')).rejects.toThrow('connect');
    await reconciler.noteTrouble('liver', world.objects.away);
    expect(await condition(world, 'Degraded')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('ECONNREFUSED'),
    });
    const { statusesWritten } = world.tasks;
    await reconciler.noteTrouble('liver', world.objects.away);
    expect(world.tasks.statusesWritten).toBe(statusesWritten);
    world.objects.away = null;
    await reconciler.reconcile('liver');
    expect(await condition(world, 'Degraded')).toMatchObject({ status: 'False' });
  });

  test('a Task that has come to its end says nothing', async () => {
    const world = await aFailedTask();
    const { statusesWritten } = world.tasks;
    await world.aReconciler().noteTrouble('liver', new Error('connect'));
    expect(world.tasks.statusesWritten).toBe(statusesWritten);
  });
});

describe('the forecast of the end', () => {
  test('is written at most once a minute, whatever it wavers', async () => {
    const world = new ControllerWorld();
    await world.apply();
    const folds = await world.finish('liver', ['ingest', 'plan', 'preprocess/2d']);
    const reconciler = world.aReconciler();
    const looks = 60;
    for (let look = 0; look < looks; look++) {
      for (const fold of ['train/2d/0', 'train/2d/1']) {
        const progress = { activity: 'epoch 1', unitsDone: 0, unitsTotal: 1000 };
        world.reports.set(`${folds.get(fold)}/1`, { progress, pace: look % 2 === 0 ? 1e-5 : 1e-4 });
      }
      await reconciler.reconcile('liver');
      world.clock.advance(10_000);
    }
    expect((await world.tasks.get('liver'))?.status?.estimatedCompletionTime).toMatch(/:00Z$/);
    // Two writes begin the Task and its trainings.
    expect(world.tasks.statusesWritten).toBeLessThanOrEqual(2 + looks / 6);
    expect(world.tasks.statusesWritten).toBeGreaterThan(4);
  });
});

describe('a step that several Tasks need', () => {
  test('is begun for one of them, though all look at once', async () => {
    const world = new ControllerWorld();
    for (const name of ['liver', 'spleen', 'kidney']) await world.apply(name);
    const reconciler = world.aReconciler();
    await Promise.all(['liver', 'spleen', 'kidney'].map((name) => reconciler.reconcile(name)));
    expect(world.objects.requests.filter((request) => request.startsWith('putIfAbsent'))).toEqual([
      'putIfAbsent steps/<step>/begun/1',
    ]);
  });
});
