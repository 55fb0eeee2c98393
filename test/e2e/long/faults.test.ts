// What takes minutes: a machine that is lost, servers that are away for long, disks, clocks, and each stage of a Task. As
// in `faults.test.ts`, each ends with every byte of an undisturbed run, or with the reason that is right.

import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StepStore } from '#steps/step-store.ts';
import { describeFaults, inTraining, logOf, nodeOf, runOn } from '#test/cluster/fault-suite.ts';
import { faultyProxy } from '#test/cluster/faulty-proxy.ts';
import { aSetClock } from '#test/cluster/set-clock.ts';
import { stepOf, type TaskRun } from '#test/cluster/task-run.ts';
import { startTestSite, type TestSite } from '#test/cluster/test-site.ts';
import { until } from '#test/cluster/until.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';

const TIMEOUT = 480_000;
const PATIENCE_SECONDS = 300;
const OUTAGE_MS = 60_000;
const HOUR_SECONDS = 3600;
const ONCE = { ingest: 1, 'preprocess 2d': 1, 'train 2d fold 0': 1, 'train 2d fold 1': 1, ensemble: 1, publish: 1 };

/** Given up at once when its machine is: five minutes otherwise. */
const unreachable = {
  key: 'node.kubernetes.io/unreachable',
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 1,
};

await describeFaults('a cluster on which things go wrong for long', (suite) => {
  const site = (name: string, through: Parameters<typeof startTestSite>[2] = {}) =>
    startTestSite(suite().cluster, name, through);

  const endsUndisturbed = async (run: TaskRun) =>
    expect((await run.succeeds(PATIENCE_SECONDS)).spec.step).toBe(suite().undisturbed);

  const taskWith = (spec: object) => ({ ...suite().task, spec: { ...suite().task.spec, ...spec } });

  const patchTask = (at: TestSite, patch: object) =>
    at.kubectl(['patch', 'task', 'phantom', '--type=merge', `--patch=${JSON.stringify(patch)}`]);

  /** Reads and verifies every output of a step. */
  async function readAll(at: TestSite, step: string): Promise<number> {
    const outputs = await new StepStore(at.objects).outputs(step);
    for (const path of outputs.list('')) await outputs.read(path);
    return outputs.manifest.attempt;
  }

  test.each([
    { wakes: 'while its successor runs', awaited: (run: TaskRun) => run.running('train 2d fold 0', 2) },
    { wakes: 'when its Task is done', awaited: (run: TaskRun) => run.succeeds(PATIENCE_SECONDS) },
  ])('a machine is lost, and a worker on it wakes $wakes', { timeout: TIMEOUT }, async ({ wakes, awaited }) => {
    await using at = await site(`lost-${wakes.replaceAll(' ', '-').toLowerCase()}`);
    await at.startController(0, { GRACE_SECONDS: '3' });
    const { workers } = suite().task.spec;
    const run = await runOn(at, taskWith({ workers: { ...workers, tolerations: [unreachable] } }));
    const pod = await inTraining(at, run);
    const { name } = pod.metadata;
    const node = nodeOf(suite(), name);
    if (node === undefined) throw new Error('no node runs the training');
    node.kill(name, 'SIGSTOP');
    await node.lose();
    try {
      await awaited(run);
      node.kill(name, 'SIGCONT');
      await endsUndisturbed(run);
      await until('the lost worker has ended by itself', async () => (node.running.includes(name) ? undefined : true));
      expect(await readAll(at, stepOf(pod))).toBe(2);
      expect(await logOf(suite(), run, 'train 2d fold 0/2')).toMatch(/"fromAttempt":1,"msg":"training resumed"/);
      expect(await logOf(suite(), run, 'train 2d fold 0/1')).not.toContain('step done');
    } finally {
      await node.find();
    }
    await until('the machine has cleared what was lost', async () =>
      (await run.pods()).some((one) => one.metadata.name === name) ? undefined : true,
    );
  });

  test.each(['nats', 's3'] as const)('%s is away for a minute', { timeout: TIMEOUT }, async (name) => {
    await using at = await site(`away-${name}`);
    await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    const server = suite().cluster[name];
    await server.kill();
    await setTimeout(OUTAGE_MS);
    await server.restart();
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('no room is left on the machine of a training', { timeout: TIMEOUT }, async () => {
    await using at = await site('disk-full');
    await at.startController();
    const { nodes } = suite().cluster;
    try {
      for (const node of nodes) node.scratchKib = 64;
      const run = await runOn(at, suite().task);
      expect(await run.fails()).toMatchObject({
        reason: 'StorageFull',
        message: expect.stringMatching(/train 2d fold.*no room left to store/),
      });
      for (const node of nodes) node.scratchKib = null;
      await patchTask(at, {
        metadata: { annotations: { 'pentafold.io/retry-requested-at': new Date().toISOString() } },
      });
      await until('the Task is tried again', async () =>
        (await run.condition('Failed'))?.status === 'True' ? undefined : true,
      );
      await endsUndisturbed(run);
    } finally {
      for (const node of nodes) node.scratchKib = null;
    }
  });

  /** What the clock of an attempt showed when it last wrote. */
  async function lastTimeOf(run: TaskRun, attempt: string): Promise<number> {
    const lines = (await logOf(suite(), run, attempt)).trimEnd().split('\n');
    return Date.parse(JSON.parse(lines.at(-1) ?? '{}').time);
  }

  test.each([
    { jump: 'forward', seconds: HOUR_SECONDS },
    { jump: 'back', seconds: -HOUR_SECONDS },
  ])('clocks are set $jump an hour, and right again', { timeout: TIMEOUT }, async ({ jump, seconds }) => {
    await using folder = await temporaryFolder();
    const clock = await aSetClock(folder.path);
    const { nodes } = suite().cluster;
    try {
      for (const node of nodes) node.environment = clock.environment;
      await using at = await site(`clock-${jump}`);
      await at.startController(0, clock.environment);
      const run = await runOn(at, suite().task);
      await inTraining(at, run);
      await clock.set(seconds);
      await run.running('ensemble', 1, PATIENCE_SECONDS);
      const aheadMs = (await lastTimeOf(run, 'train 2d fold 0/1')) - Date.now();
      expect(Math.abs(aheadMs / 1000 - seconds)).toBeLessThan(600);
      await clock.set(0);
      await endsUndisturbed(run);
      expect(await run.completions()).toEqual(ONCE);
    } finally {
      for (const node of nodes) node.environment = {};
    }
  });

  test.each(Object.keys(ONCE))('the Task is deleted during %s, and made anew', { timeout: TIMEOUT }, async (title) => {
    await using proxy = await faultyProxy(suite().cluster.s3.endpoint);
    await using at = await site(`deleted-${title.replaceAll(' ', '-')}`, { s3: proxy.url });
    await at.startController();
    const first = await runOn(at, suite().task);
    // So that each stage lasts long enough to be met in it.
    proxy.fault = 'slow';
    await first.running(title, 1, PATIENCE_SECONDS);
    await at.kubectl(['delete', 'task', 'phantom']);
    proxy.fault = 'none';
    await until('its pods are gone', async () => ((await first.pods()).length === 0 ? true : undefined));
    await endsUndisturbed(await runOn(at, suite().task));
  });

  test('a Task is suspended in its trainings, and goes on', { timeout: TIMEOUT }, async () => {
    await using at = await site('suspended');
    await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    await patchTask(at, { spec: { suspend: true } });
    await until('nothing runs', async () => ((await run.condition('Suspended'))?.status === 'True' ? true : undefined));
    expect((await run.pods()).filter((pod) => pod.status?.phase === 'Running')).toEqual([]);
    await patchTask(at, { spec: { suspend: false } });
    await endsUndisturbed(run);
    expect(await logOf(suite(), run, 'train 2d fold 0/2')).toMatch(/"fromAttempt":1,"msg":"training resumed"/);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('a Task that takes its data with it leaves the files of its Model', { timeout: TIMEOUT }, async () => {
    await using at = await site('data-deleted');
    await at.startController();
    const run = await runOn(at, taskWith({ deletionPolicy: 'Delete' }));
    await endsUndisturbed(run);
    await at.kubectl(['delete', 'task', 'phantom', '--timeout=180s']);
    const { spec } = (await at.model('phantom')) ?? {};
    expect(spec?.step).toBe(suite().undisturbed);
    const steps = new Set((await at.objects.list('steps/')).map((key) => key.split('/')[1]));
    expect([...steps]).toEqual([suite().undisturbed]);
    await readAll(at, suite().undisturbed);
  });

  test('a Task that takes its data with it in its trainings leaves nothing', { timeout: TIMEOUT }, async () => {
    await using at = await site('data-deleted-early');
    await at.startController();
    const run = await runOn(at, taskWith({ deletionPolicy: 'Delete' }));
    await inTraining(at, run);
    await at.kubectl(['delete', 'task', 'phantom', '--timeout=240s']);
    expect(await at.objects.list('')).toEqual([]);
    expect(await run.pods()).toEqual([]);
  });
});
