// What clusters do to those who work on them. Real programs, servers and stores; nodes whose pods are processes. After
// each fault the Task ends with every byte that an undisturbed run ends with, or with the reason that is right.

import { readFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { describeFaults, inTraining, logOf, nodeOf, runOn } from '#test/cluster/fault-suite.ts';
import { faultyProxy } from '#test/cluster/faulty-proxy.ts';
import type { TaskRun } from '#test/cluster/task-run.ts';
import { copyObjects, startTestSite } from '#test/cluster/test-site.ts';
import { until } from '#test/cluster/until.ts';

const TIMEOUT = 240_000;
const ONCE = { ingest: 1, 'preprocess 2d': 1, 'train 2d fold 0': 1, 'train 2d fold 1': 1, ensemble: 1, publish: 1 };

await describeFaults('a cluster on which things go wrong', (suite) => {
  const site = (name: string, through: Parameters<typeof startTestSite>[2] = {}) =>
    startTestSite(suite().cluster, name, through);

  const endsUndisturbed = async (run: TaskRun) => expect((await run.succeeds()).spec.step).toBe(suite().undisturbed);

  test('the controller is killed and started again', { timeout: TIMEOUT }, async () => {
    await using at = await site('controller-killed');
    const controller = await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    await controller.restart();
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('the controller that leads is killed, and another one goes on', { timeout: TIMEOUT }, async () => {
    await using at = await site('leader-killed');
    const first = await at.startController(0);
    const second = await at.startController(1);
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    await first.kill();
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
    expect(await readFile(second.logFile, 'utf8')).toContain('"msg":"leading"');
  });

  test('a controller that stood still comes back while another one leads', { timeout: TIMEOUT }, async () => {
    await using at = await site('two-controllers');
    const first = await at.startController(0);
    const second = await at.startController(1);
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    process.kill(first.pid, 'SIGSTOP');
    await until('the other one leads', async () =>
      (await readFile(second.logFile, 'utf8')).includes('"msg":"leading"') ? true : undefined,
    );
    process.kill(first.pid, 'SIGCONT');
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('a worker is killed', { timeout: TIMEOUT }, async () => {
    await using at = await site('worker-killed');
    await at.startController();
    const run = await runOn(at, suite().task);
    const { name } = (await inTraining(at, run)).metadata;
    nodeOf(suite(), name)?.kill(name);
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
    expect(await run.attempts()).toContain('train 2d fold 0/2');
    expect(await logOf(suite(), run, 'train 2d fold 0/2')).toMatch(/"fromAttempt":1,"msg":"training resumed"/);
  });

  test('a pod is evicted, and saves before it goes', { timeout: TIMEOUT }, async () => {
    await using at = await site('evicted');
    await at.startController();
    const run = await runOn(at, suite().task);
    const { name, namespace } = (await inTraining(at, run)).metadata;
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace } };
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
    await at.kubectl(['create', '--raw', path, '--filename=-'], JSON.stringify(eviction));
    await endsUndisturbed(run);
    expect(await logOf(suite(), run, 'train 2d fold 0/2')).toMatch(/"fromAttempt":1,"msg":"training resumed"/);
  });

  test.each(['apiServer', 'etcd'] as const)('%s is killed and started again', { timeout: TIMEOUT }, async (server) => {
    await using at = await site(`restarted-${server.toLowerCase()}`);
    await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    await suite().cluster.controlPlane[server].restart();
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });

  test.each(['busy', 'slow', 'truncated'] as const)('the object store is %s', { timeout: TIMEOUT }, async (fault) => {
    await using proxy = await faultyProxy(suite().cluster.s3.endpoint);
    await using at = await site(`store-${fault}`, { s3: proxy.url });
    await at.startController();
    proxy.fault = fault;
    const run = await runOn(at, suite().task);
    await endsUndisturbed(run);
    expect(proxy.spoilt).toBeGreaterThan(10);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('the message bus and then the object store are away during a training', { timeout: TIMEOUT }, async () => {
    await using at = await site('servers-away');
    await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    const { nats, s3 } = suite().cluster;
    await Promise.all([nats.kill(), s3.kill()]);
    await setTimeout(5000);
    await s3.restart();
    await nats.restart();
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });

  test('a Job is deleted by hand', { timeout: TIMEOUT }, async () => {
    await using at = await site('job-deleted');
    await at.startController();
    const run = await runOn(at, suite().task);
    const job = (await inTraining(at, run)).metadata.labels?.['batch.kubernetes.io/job-name'] ?? '';
    await at.kubectl(['delete', 'job', job, '--wait=false']);
    await endsUndisturbed(run);
  });

  test('the Task is deleted during its trainings, and made anew', { timeout: TIMEOUT }, async () => {
    await using at = await site('task-deleted');
    await at.startController();
    const first = await runOn(at, suite().task);
    await inTraining(at, first);
    await at.kubectl(['delete', 'task', 'phantom']);
    await until('its pods are gone', async () => ((await first.pods()).length === 0 ? true : undefined));
    await endsUndisturbed(await runOn(at, suite().task));
  });

  test('an image of one case is damaged', { timeout: TIMEOUT }, async () => {
    await using at = await site('image-damaged');
    await at.startController();
    const { task } = suite();
    const damaged = `${task.spec.dataset.uri}-damaged`;
    await copyObjects(suite().cluster, task.spec.dataset.uri, damaged, (path, bytes) =>
      path.endsWith('phantom_002_0000.nii.gz') ? bytes.subarray(0, bytes.length / 2) : bytes,
    );
    const run = await runOn(at, { ...task, spec: { ...task.spec, dataset: { uri: damaged } } });
    expect(await run.fails()).toMatchObject({
      reason: 'DatasetFaulty',
      message: expect.stringContaining('case phantom_002: the image cannot be read: the gzip stream ends early'),
    });
    expect(await run.attempts()).toEqual(['ingest/1']);
  });

  test('the definitions of the kinds are replaced meanwhile', { timeout: TIMEOUT }, async () => {
    await using at = await site('definitions-replaced');
    await at.startController();
    const run = await runOn(at, suite().task);
    await inTraining(at, run);
    const printed = { jsonPath: '.metadata.uid', name: 'UID', type: 'string' };
    const patch = [{ op: 'add', path: '/spec/versions/0/additionalPrinterColumns/-', value: printed }];
    for (const kind of ['tasks', 'models'])
      await at.kubectl(['patch', 'crd', `${kind}.pentafold.io`, '--type=json', `--patch=${JSON.stringify(patch)}`]);
    await endsUndisturbed(run);
    expect(await run.completions()).toEqual(ONCE);
  });
});
