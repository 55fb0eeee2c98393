import { describe, expect, test } from 'vitest';
import { ControllerWorld } from '#test/controller-world.ts';
import { aModel } from '#test/observed-task.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];
const TRAINED = [...PREPROCESSED, 'train/2d/0', 'train/2d/1'];
const MINUTE = 60_000;

/** A Task that has stored something, and a controller that has looked at it. */
async function aWorld(spec: object = { deletionPolicy: 'Delete' }, done = TRAINED) {
  const world = new ControllerWorld();
  await world.apply('liver', spec);
  const steps = await world.finish('liver', done);
  const controller = world.aController();
  await controller.reconciler.reconcile('liver');
  for (const { step, attempt } of world.runner.started) world.runner.go(step, attempt, { kind: 'ended', exitCode: 75 });
  return { world, steps, ...controller };
}

const stored = async (world: ControllerWorld): Promise<string[]> => world.objects.list('steps/');

describe('a Task that is deleted', () => {
  test('takes what it stored with it, and is let go', async () => {
    const { world, departures } = await aWorld();
    expect(world.tasks.held).toEqual(new Set(['liver']));
    world.tasks.delete('liver', world.clock.now());
    await departures.proceed();
    expect(await stored(world)).toEqual([]);
    expect(world.tasks.held).toEqual(new Set());
  });

  test('goes at once and leaves everything, unless it asks otherwise', async () => {
    const { world } = await aWorld({});
    expect(world.tasks.held).toEqual(new Set());
    expect(await stored(world)).not.toEqual([]);
  });

  test('is not held any more once it asks otherwise', async () => {
    const { world, reconciler } = await aWorld();
    await world.apply('liver', { deletionPolicy: 'Retain' });
    await reconciler.reconcile('liver');
    expect(world.tasks.held).toEqual(new Set());
  });

  test('leaves the steps that another Task needs, also one at its end', async () => {
    const { world, departures, reconciler, steps } = await aWorld();
    await world.apply('spleen', { training: { seed: 7 } });
    await world.finish('spleen', [...TRAINED, 'ensemble', 'publish']);
    await reconciler.reconcile('spleen');
    await reconciler.reconcile('spleen');
    world.tasks.delete('liver', world.clock.now());
    await departures.proceed();
    for (const key of PREPROCESSED) expect(await world.steps.manifest(steps.get(key) ?? '')).toBeDefined();
    for (const key of ['train/2d/0', 'train/2d/1']) {
      expect(await world.objects.list(`steps/${steps.get(key)}/`)).toEqual([]);
    }
  });

  test('leaves the files of a published Model', async () => {
    const { world, departures, steps } = await aWorld(undefined, [...TRAINED, 'ensemble', 'publish']);
    const publish = steps.get('publish') ?? '';
    await world.tasks.applyModel(aModel(publish, 9));
    world.tasks.delete('liver', world.clock.now());
    await departures.proceed();
    const left = await stored(world);
    expect(left).not.toEqual([]);
    expect(left.every((key) => key.startsWith(`steps/${publish}/`))).toBe(true);
  });

  test('waits until its workers have ended and saved', async () => {
    const { world, departures, steps } = await aWorld(undefined, PREPROCESSED);
    const fold = steps.get('train/2d/0') ?? '';
    world.runner.go(fold, 1, { kind: 'running' });
    world.tasks.delete('liver', world.clock.now());
    await departures.proceed();
    expect(world.runner.stopped).toContain(`${fold} 1 now`);
    world.runner.go(fold, 1, { kind: 'killed', by: 'unknown' });
    world.runner.saving.add(fold);
    world.clock.advance(2 * MINUTE);
    await departures.proceed();
    await world.aController().departures.proceed();
    expect(world.tasks.held).toEqual(new Set(['liver']));
    expect(await stored(world)).not.toEqual([]);
    world.runner.saving.delete(fold);
    await departures.proceed();
    expect(await stored(world)).toEqual([]);
    expect(world.tasks.held).toEqual(new Set());
  });

  test('by a controller that has just begun is known from what is stored', async () => {
    const { world } = await aWorld();
    world.tasks.delete('liver', world.clock.now());
    await world.aController().departures.proceed();
    expect(await stored(world)).toEqual([]);
  });

  test.each([
    {
      name: 'its namespace goes',
      away: null,
      namespaceIsGoing: true,
      minutes: 0,
      why: 'its namespace is being deleted',
    },
    {
      name: 'the store is away for long',
      away: new Error('no answer'),
      namespaceIsGoing: false,
      minutes: 11,
      why: 'it could not be removed',
    },
  ])('is let go, and says so, when $name', async ({ away, namespaceIsGoing, minutes, why }) => {
    const { world, departures } = await aWorld();
    world.tasks.delete('liver', world.clock.now());
    world.objects.away = away;
    world.tasks.namespaceIsGoing = namespaceIsGoing;
    if (minutes > 0) await departures.proceed();
    expect(world.tasks.held).toEqual(new Set(['liver']));
    world.clock.advance(minutes * MINUTE);
    await departures.proceed();
    expect(world.tasks.held).toEqual(new Set());
    expect(world.events.at(-1)).toBe(`StoredDataKept: What the Task stored stays: ${why}.`);
  });

  test('goes in the end when its data goes only in part at first', async () => {
    const { world, departures } = await aWorld();
    world.tasks.delete('liver', world.clock.now());
    world.objects.away = new Error('no answer');
    await departures.proceed();
    world.objects.away = null;
    await departures.proceed();
    expect(await stored(world)).toEqual([]);
    expect(world.tasks.held).toEqual(new Set());
  });
});
