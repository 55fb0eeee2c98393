// The Job runner on a real control plane whose one node is only described: the test plays the kubelet.

import { randomUUID } from 'node:crypto';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { JOBS, PODS, type Stored } from '#platform/kube/kube-object.ts';
import { namespaceWatch } from '#platform/kube/namespace-watch.ts';
import {
  attemptJob,
  type JobSettings,
  LABELS,
  MANAGED_BY,
  STEP_ANNOTATION,
} from '#platform/runner/kubernetes/attempt-job.ts';
import { KubernetesJobRunner } from '#platform/runner/kubernetes/job-runner.ts';
import type { AttemptState, StepAttempt } from '#platform/runner/step-runner.ts';
import { eventually } from '#test/eventually.ts';
import { aKubeClient } from '#test/kube/a-kube-client.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { describeNode } from '#test/servers/described-node.ts';
import { anAttempt } from '#test/step-runner-conformance.ts';

const settings = (namespace: string): JobSettings => ({
  namespace,
  images: { worker: 'localhost/worker:1', ensemble: 'localhost/ensemble:1' },
  imagePullPolicy: 'Never',
  environment: {},
  environmentSecrets: [],
  secretFolders: [],
  authoritySecret: null,
  serviceAccount: 'default',
  controllerAddress: '10.0.0.1:8443',
  accelerators: [{ resource: 'nvidia.com/gpu', memoryBytes: 2 ** 34 }],
  device: 'cpu',
  graceSeconds: 5,
  keptSeconds: 600,
  cacheGiB: 1,
});

await describeWithServers('the Job runner on a control plane', ['kubernetes'], () => {
  let cluster: ControlPlane;
  let client: KubeClient;
  beforeAll(async () => {
    cluster = await startControlPlane();
    client = aKubeClient(cluster.kubeconfig);
    await describeNode(cluster, 'node-1', { 'nvidia.com/gpu': '1' });
  }, 120_000);
  afterAll(() => cluster[Symbol.asyncDispose]());

  let namespace: string;
  let runner: KubernetesJobRunner;
  beforeEach(async () => {
    namespace = `test-${randomUUID().slice(0, 8)}`;
    await createNamespace(cluster, namespace);
    runner = aRunner();
    await runner.synced();
  });
  afterEach(() => runner[Symbol.asyncDispose]());

  function aRunner(): KubernetesJobRunner {
    const watch = namespaceWatch({
      client,
      namespace,
      clock: systemClock,
      random: Math.random,
      log: new RecordingLogger(),
    });
    return new KubernetesJobRunner({ client, watch, settings: settings(namespace), clock: systemClock });
  }

  const stateOf = async ({ step, attempt }: StepAttempt, from = runner): Promise<AttemptState | undefined> =>
    (await from.list()).find((one) => one.step === step && one.attempt === attempt)?.state;

  const reaches = (attempt: StepAttempt, kind: AttemptState['kind'], from = runner) =>
    eventually(`the attempt is ${kind}`, async () => (await stateOf(attempt, from))?.kind === kind);

  const pods = async (): Promise<readonly Stored<V1Pod>[]> => (await client.list(PODS, { namespace })).items;

  /** What a kubelet would say of the one pod that is bound to its node. */
  async function kubeletSays(status: object): Promise<void> {
    await eventually('a pod is bound', async () => (await pods()).some(({ spec }) => spec?.nodeName !== undefined));
    const [pod] = (await pods()).filter(({ spec }) => spec?.nodeName !== undefined);
    const patch = JSON.stringify({ status });
    const name = pod?.metadata.name ?? '';
    await cluster.kubectl([
      'patch',
      'pod',
      name,
      '--namespace',
      namespace,
      '--subresource=status',
      '--type=merge',
      '--patch',
      patch,
    ]);
  }

  const terminated = (exitCode: number, reason: string) => ({
    phase: exitCode === 0 ? 'Succeeded' : 'Failed',
    containerStatuses: [
      {
        ...{ name: 'worker', image: 'x', imageID: 'x', ready: false, restartCount: 0 },
        state: { terminated: { exitCode, reason } },
      },
    ],
  });

  test('an attempt waits for its pod, runs, and ends with the exit code of its program', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    expect((await stateOf(attempt))?.kind).toBe('pending');
    await kubeletSays({ phase: 'Running' });
    await reaches(attempt, 'running');
    await kubeletSays(terminated(42, 'Error'));
    await reaches(attempt, 'ended');
    expect(await stateOf(attempt)).toEqual({ kind: 'ended', exitCode: 42 });
  });

  test('starting an attempt again changes nothing, whichever runner does it', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await runner.start(attempt);
    await using other = aRunner();
    await other.start(attempt);
    expect((await client.list(JOBS, { namespace })).items).toHaveLength(1);
    expect(await runner.list()).toHaveLength(1);
  });

  test.each([
    { what: 'no number', labels: { [LABELS.attempt]: 'foo' }, annotations: { [STEP_ANNOTATION]: 'a'.repeat(64) } },
    { what: 'no step', labels: { [LABELS.attempt]: '1' }, annotations: {} },
  ])('a Job that somebody made with our label and $what is left alone', async ({ labels, annotations }) => {
    const job = attemptJob(anAttempt('train'), settings(namespace));
    const metadata = { ...job.metadata, name: 'by-hand', ownerReferences: [], annotations };
    await client.create(JOBS, {
      ...job,
      metadata: { ...metadata, labels: { ...labels, [LABELS.managedBy]: MANAGED_BY } },
    });
    await using other = aRunner();
    await other.synced();
    expect(await other.list()).toEqual([]);
  });

  test('an attempt that two Tasks ask for is started once', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await runner.start({ ...attempt, task: { name: 'another', uid: 'uid-of-another' } });
    expect((await client.list(JOBS, { namespace })).items).toHaveLength(1);
  });

  test('a new runner knows what an earlier one started', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await kubeletSays({ phase: 'Running' });
    await using other = aRunner();
    await other.synced();
    expect(await stateOf(attempt, other)).toEqual({ kind: 'running' });
  });

  test('says in the scheduler’s words what an attempt waits for', async () => {
    const demand = { memoryBytes: 2 ** 20, trainingBytes: 2 ** 20 };
    const two = [1, 2].map((number) => ({ ...anAttempt('train', number), demand }));
    for (const attempt of two) await runner.start(attempt);
    await eventually('one of them waits for a GPU', async () => {
      const states = await Promise.all(two.map((attempt) => stateOf(attempt)));
      return states.some(
        (state) => state?.kind === 'pending' && state.waitsFor?.includes('Insufficient nvidia.com/gpu'),
      );
    });
  });

  test('a program that took too much memory was killed for that', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await kubeletSays(terminated(137, 'OOMKilled'));
    await reaches(attempt, 'killed');
    expect(await stateOf(attempt)).toEqual({ kind: 'killed', by: 'memory' });
  });

  test('an attempt that has not begun is gone once it is stopped; one that runs is left to save', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await kubeletSays({ phase: 'Running' });
    await reaches(attempt, 'running');
    await runner.stop(attempt, 'checkpoint');
    expect((await stateOf(attempt))?.kind).toBe('running');
    const waiting = anAttempt('train', 2);
    await runner.start(waiting);
    await eventually('the runner has seen it', async () => (await client.list(JOBS, { namespace })).items.length === 2);
    await eventually('it is gone', async () => {
      await runner.stop(waiting, 'checkpoint');
      return (await stateOf(waiting)) === undefined;
    });
    expect((await stateOf(attempt))?.kind).toBe('running');
  });

  test('a step may be written to while a pod saves whose Job is gone, and not any more once it is gone too', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    expect(await runner.mayStillWrite(attempt.step)).toBe(true);
    await kubeletSays({ phase: 'Running' });
    await reaches(attempt, 'running');
    await runner.stop(attempt, 'now');
    await eventually('its Job is gone', async () => (await stateOf(attempt)) === undefined);
    await using other = aRunner();
    await other.synced();
    for (const one of [runner, other]) expect(await one.mayStillWrite(attempt.step)).toBe(true);
    const [pod] = await pods();
    const force = ['--namespace', namespace, '--force', '--grace-period=0'];
    await cluster.kubectl(['delete', 'pod', pod?.metadata.name ?? '', ...force]);
    for (const one of [runner, other])
      await eventually('nothing is written any more', async () => !(await one.mayStillWrite(attempt.step)));
  });

  test('a step is written to no more once its pod has ended', async () => {
    const attempt = anAttempt('train');
    await runner.start(attempt);
    await kubeletSays(terminated(0, 'Completed'));
    await eventually('nothing is written any more', async () => !(await runner.mayStillWrite(attempt.step)));
    expect(await pods()).toHaveLength(1);
  });

  test('the pod is admitted where pods are held to the restricted standard', async () => {
    await cluster.kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
    await runner.start(anAttempt('train'));
    await eventually('there is a pod', async () => (await pods()).length === 1);
  });
});
