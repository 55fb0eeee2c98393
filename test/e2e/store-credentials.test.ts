// A Task on a cluster whose workers have no keys for the store: each attempt works with what the controller hands it.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkpointPrefix } from '#steps/step-keys.ts';
import { runOn } from '#test/cluster/fault-suite.ts';
import { smallTask } from '#test/cluster/small-task.ts';
import { stepOf } from '#test/cluster/task-run.ts';
import { startTestCluster, type TestCluster } from '#test/cluster/test-cluster.ts';
import { startTestSite, upload } from '#test/cluster/test-site.ts';
import { until } from '#test/cluster/until.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { generatePhantom } from '../../examples/phantom/generate.ts';

/** Session tokens of MinIO are of this kind, and tokens for the controller too. */
const TOKEN = /eyJ[\w-]{10}/;

await describeWithServers('workers without keys', ['kubernetes', 'nats', 'minio'], () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster({ nodes: 2, store: 'minio' });
  }, 300_000);
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  test('train a Task to its Model, also when one is killed, and nothing of what they are handed is told', {
    timeout: 240_000,
  }, async () => {
    await using folder = await temporaryFolder();
    await generatePhantom(folder.path, 0, 6, 0);
    const task = smallTask('phantom', await upload(cluster, folder.path, 'phantom'), {
      epochs: 8,
      iterationsPerEpoch: 60,
    });
    await using site = await startTestSite(cluster, 'scoped');
    const controller = await site.startController(0, {
      S3_STS_ENDPOINT: cluster.s3.endpoint,
      WORKER_ENVIRONMENT_SECRETS: '',
    });
    const run = await runOn(site, task);
    const pod = await run.running('train 2d fold 0');
    await until('it has a checkpoint', async () => {
      const keys = await site.objects.list(checkpointPrefix(stepOf(pod), 1));
      return keys.find((key) => key.endsWith('/reference.json'));
    });
    for (const node of cluster.nodes) node.kill(pod.metadata.name);
    expect((await run.succeeds()).spec.step).toMatch(/^[0-9a-f]{64}$/);
    expect(await run.attempts()).toContain('train 2d fold 0/2');

    // What the first attempt kept is not the second one's to remove: the controller has done it.
    expect((await site.objects.list('steps/')).filter((key) => /\/(checkpoints|parts)\//.test(key))).toEqual([]);

    const pods = await run.pods();
    for (const { spec } of pods) {
      const [container] = spec?.containers ?? [];
      expect(container?.envFrom ?? []).toEqual([]);
      expect(container?.env?.map(({ name }) => name)).toContain('S3_CREDENTIALS_FROM');
      expect(container?.env?.map(({ name }) => name).filter((name) => /KEY/.test(name))).toEqual([]);
    }
    const logs = await Promise.all(
      pods.flatMap(({ metadata }) =>
        cluster.nodes.map((node) => readFile(node.logFile(metadata.name), 'utf8').catch(() => '')),
      ),
    );
    const told = await Promise.all(['task', 'events', 'jobs'].map((kind) => site.kubectl(['get', kind, '-o=json'])));
    const said = await readFile(controller.logFile, 'utf8');
    expect(said).toContain('store credentials handed over');
    expect(said).toContain('workers get store credentials in clear text');
    expect(logs.join('')).toContain('step done');
    for (const text of [...logs, ...told, said]) expect(text).not.toMatch(TOKEN);
  });
});
