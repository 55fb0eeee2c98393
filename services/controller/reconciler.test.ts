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
