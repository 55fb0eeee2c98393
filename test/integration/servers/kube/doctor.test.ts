// `pentafold doctor --cluster` against a real API server, NATS and S3 store, whole and with one thing broken at a time.

import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { systemClock } from '#platform/clock/system-clock.ts';
import { CONTROLLER_LEASE } from '#platform/kube/controller-lease.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { LeaderElection } from '#platform/kube/leader-election.ts';
import { pentafold } from '#test/command-line.ts';
import { eventually } from '#test/eventually.ts';
import { aKubeClient } from '#test/kube/a-kube-client.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { describeNode } from '#test/servers/described-node.ts';
import { type Nats, startNats } from '#test/servers/nats.ts';
import { type S3, startS3 } from '#test/servers/s3.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

await describeWithServers('doctor --cluster', ['kubernetes', 'nats', 'versitygw'], () => {
  let server: ControlPlane;
  let client: KubeClient;
  let nats: Nats;
  let s3: S3;
  let bucket: Client;
  let folder: TemporaryFolder;
  const namespace = `test-${randomUUID().slice(0, 8)}`;

  beforeAll(async () => {
    [server, nats, s3, folder] = await Promise.all([
      startControlPlane(),
      startNats(),
      startS3('versitygw'),
      temporaryFolder(),
    ]);
    client = aKubeClient(server.kubeconfig);
    await createNamespace(server, namespace);
    const { hostname, port } = new URL(s3.endpoint);
    const { region, accessKeyId: accessKey, secretAccessKey: secretKey } = s3;
    bucket = new Client({ endPoint: hostname, port: Number(port), useSSL: false, region, accessKey, secretKey });
    await bucket.makeBucket('results');
  }, 180_000);
  afterAll(async () => {
    for (const one of [server, nats, s3, folder]) await one[Symbol.asyncDispose]();
  });

  const environment = () => ({
    KUBECONFIG: server.kubeconfig,
    HOME: folder.path,
    OBJECTS: 's3://results/pentafold',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_ACCESS_KEY: s3.accessKeyId,
    S3_SECRET_KEY: s3.secretAccessKey,
    BUS: nats.url,
  });

  interface Found {
    readonly exitCode: number | null;
    /** `level: detail` by the name of the check. */
    readonly of: Readonly<Record<string, string>>;
  }

  async function doctor(changes: Record<string, string | undefined> = {}): Promise<Found> {
    const said = await pentafold(['doctor', '--cluster', '-n', namespace, '--json'], { ...environment(), ...changes });
    const findings: { name: string; level: string; detail: string }[] = JSON.parse(said.stdout).findings;
    return {
      exitCode: said.exitCode,
      of: Object.fromEntries(findings.map(({ name, level, detail }) => [name, `${level}: ${detail}`])),
    };
  }

  const installKinds = () =>
    server.kubectl(['apply', '--server-side', '--force-conflicts', '-f', 'charts/pentafold/crds']);

  /** A controller that only leads: no kubelet would start its pod. */
  async function leading(): Promise<AsyncDisposable> {
    const labels = { 'app.kubernetes.io/name': 'pentafold', 'app.kubernetes.io/component': 'controller' };
    const pod = { name: 'pentafold-controller-1', namespace, labels };
    const containers = [{ name: 'controller', image: 'localhost/pentafold:1' }];
    const spec = { nodeName: 'gpu-1', containers };
    await server.kubectl(['apply', '-f', '-'], stringify({ apiVersion: 'v1', kind: 'Pod', metadata: pod, spec }));
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
    await server.kubectl(['-n', namespace, 'patch', 'pod', pod.name, ...patch]);
    const election = new LeaderElection({
      ...{ client, lease: { namespace, name: CONTROLLER_LEASE }, identity: `${pod.name}-5f3a` },
      ...{ leaseSeconds: 15, renewSeconds: 3, safetySeconds: 3, clock: systemClock, log: new RecordingLogger() },
      monotonicMs: () => performance.now(),
    });
    const ending = new AbortController();
    let isLeading = false;
    const run = election.run(async () => {
      isLeading = true;
      await systemClock.sleep(600_000, ending.signal);
    }, ending.signal);
    await eventually('it leads', () => isLeading);
    return {
      async [Symbol.asyncDispose]() {
        ending.abort();
        await run;
      },
    };
  }

  test('names each thing that is missing from an empty cluster', async () => {
    const { exitCode, of } = await doctor();
    expect(exitCode).toBe(1);
    expect(of['API server']).toMatch(/^ok: v1\.\d+\.\d+ at https:/);
    expect(of['kind Task']).toContain('fault: there is no CustomResourceDefinition tasks.pentafold.io');
    expect(of.controller).toContain(`fault: none in namespace ${namespace}`);
    expect(of.GPUs).toContain('warning: none of 0 nodes offers any');
  }, 60_000);

  test('finds an installed cluster healthy but for what the controller may not do, and leaves nothing behind', async () => {
    await installKinds();
    await server.kubectl(['wait', '--for=condition=Established', 'crd', 'tasks.pentafold.io', 'models.pentafold.io']);
    await describeNode(server, 'gpu-1', { 'nvidia.com/gpu': '4' });
    await using _leader = await leading();
    const { exitCode, of } = await doctor();
    expect(of['the controller’s rights']).toContain('fault: service account default may not get tasks.pentafold.io');
    const rights = of['the controller’s rights'] ?? '';
    const { 'the controller’s rights': _, ...others } = of;
    expect(Object.values(others).filter((finding) => !finding.startsWith('ok: '))).toEqual([]);
    expect(exitCode).toBe(1);
    expect(rights).toContain('create jobs.batch');
    expect(of.controller).toBe('ok: pentafold-controller-1-5f3a leads; 1 of 1 pod ready');
    expect(of.GPUs).toBe('ok: nvidia.com/gpu: 4 on 1 node, 4 free');
    expect(of['bus reachable']).toContain('ok: NATS 2.');
    expect(of['store conditional put']).toBe('ok: one of 4 writers at once was first, none later');
    expect(of['store multipart put']).toBe('ok: 16 MiB in two parts');
    expect(await bucket.listObjectsV2('results', '', true).toArray()).toEqual([]);

    const all = [{ apiGroups: ['*'], resources: ['*', 'tasks/status', 'models/status'], verbs: ['*'] }];
    const binding = { kind: 'ClusterRole', name: 'everything', apiGroup: 'rbac.authorization.k8s.io' };
    for (const object of [
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'everything' }, rules: all },
      {
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'everything' } },
        ...{ roleRef: binding, subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }] },
      },
    ])
      await server.kubectl(['apply', '-f', '-'], stringify(object));
    const granted = await doctor();
    expect(granted.of['the controller’s rights']).toMatch(/^ok: service account default has all \d+$/);
    expect(granted.exitCode).toBe(0);
  }, 120_000);

  test('sees kinds of an earlier version', async () => {
    await installKinds();
    const definition = parse(await server.kubectl(['get', 'crd', 'tasks.pentafold.io', '-o', 'json']));
    delete definition.spec.versions[0].schema.openAPIV3Schema.properties.status.properties.estimatedCompletionTime;
    await server.kubectl(['replace', '-f', '-'], JSON.stringify(definition));
    const { of } = await doctor();
    expect(of['kind Task']).toContain('fault: tasks.pentafold.io is of an earlier version: it lacks status.estimated');
    await installKinds();
  }, 60_000);

  test.each([
    {
      name: 'a wrong secret',
      changes: { S3_SECRET_KEY: 'not the secret' },
      check: 'store put and get',
      says: 'refused: 403',
    },
    {
      name: 'a missing bucket',
      changes: { OBJECTS: 's3://nowhere/at-all' },
      check: 'store put and get',
      says: 'refused: 404',
    },
    {
      name: 'a store that is away',
      changes: { S3_ENDPOINT: 'http://127.0.0.1:9' },
      check: 'store put and get',
      says: 'did not answer',
    },
    {
      name: 'no keys',
      changes: { S3_ACCESS_KEY: undefined },
      check: 'store',
      says: 'S3_ACCESS_KEY must come with S3_ENDPOINT',
    },
    {
      name: 'a folder as store',
      changes: { OBJECTS: 'file:///data' },
      check: 'store',
      says: 'expected s3://bucket/prefix',
    },
    { name: 'a bus that is away', changes: { BUS: 'nats://127.0.0.1:9' }, check: 'bus reachable', says: 'fault' },
    { name: 'a folder as bus', changes: { BUS: 'file:///bus' }, check: 'bus', says: 'expected nats://host:port' },
    { name: 'no addresses', changes: { BUS: undefined }, check: 'bus', says: 'warning: not tried: BUS is not set' },
  ])(
    'says what is wrong with $name',
    async ({ changes, check, says }) => {
      const { of } = await doctor(changes);
      expect(of[check]).toContain(says);
    },
    60_000,
  );

  test('of a cluster that gives no answer says only that, and looks at store and bus all the same', async () => {
    const config = parse(await server.kubectl(['config', 'view', '--raw', '--flatten']));
    config.clusters[0].cluster.server = 'https://127.0.0.1:9';
    const kubeconfig = join(folder.path, 'away.kubeconfig');
    await writeFile(kubeconfig, JSON.stringify(config));
    const { exitCode, of } = await doctor({ KUBECONFIG: kubeconfig });
    expect(exitCode).toBe(1);
    expect(of['API server']).toContain("the cluster of context 'test' (https://127.0.0.1:9) gives no answer");
    expect(of['kind Task']).toBeUndefined();
    expect(of['store delete']).toContain('ok');
  }, 60_000);
});
