import { readFile } from 'node:fs/promises';
import type { V1Pod } from '@kubernetes/client-node';
import { afterAll, beforeAll } from 'vitest';
import type { Stored } from '#platform/kube/kube-object.ts';
import { checkpointPrefix } from '#steps/step-keys.ts';
import { generatePhantom } from '../../../examples/phantom/generate.ts';
import { describeWithServers } from '../servers/describe-with-servers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import type { ProcessKubelet } from './process-kubelet.ts';
import { smallTask } from './small-task.ts';
import { stepOf, TaskRun } from './task-run.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { startTestSite, type TestSite, upload } from './test-site.ts';
import { until } from './until.ts';

/** A cluster on which things go wrong, and what is right. */
export interface FaultSuite {
  readonly cluster: TestCluster;
  /** A Task whose two trainings take some seconds each, not applied yet. */
  readonly task: ReturnType<typeof smallTask>;
  /** Digest of the publish step that an undisturbed run ends with: it stands for every byte before it. */
  readonly undisturbed: string;
}

/** Long enough for something to happen meanwhile, with many checkpoints. */
const TRAINING = { epochs: 8, iterationsPerEpoch: 60 };

/** Tests on one cluster of two nodes, after a run that nothing disturbed. */
export async function describeFaults(
  title: string,
  tests: (suite: () => FaultSuite) => void,
  store: 'versitygw' | 'minio' = 'versitygw',
): Promise<void> {
  await describeWithServers(title, ['kubernetes', 'nats', store], () => {
    let suite: FaultSuite | undefined;
    beforeAll(async () => {
      const cluster = await startTestCluster({ nodes: 2, store });
      await using folder = await temporaryFolder();
      await generatePhantom(folder.path, 0, 6, 0);
      const task = smallTask('phantom', await upload(cluster, folder.path, 'phantom'), TRAINING);
      await using site = await startTestSite(cluster, 'undisturbed');
      await site.startController();
      const run = await runOn(site, task);
      suite = { cluster, task, undisturbed: (await run.succeeds()).spec.step };
    }, 300_000);
    afterAll(() => suite?.cluster[Symbol.asyncDispose]());
    tests(() => {
      if (suite === undefined) throw new Error('the cluster did not start');
      return suite;
    });
  });
}

/** The node that runs a pod. */
export const nodeOf = ({ cluster }: FaultSuite, pod: string): ProcessKubelet | undefined =>
  cluster.nodes.find((node) => node.running.includes(pod));

/** What the attempt `title/number` wrote. */
export async function logOf({ cluster }: FaultSuite, run: TaskRun, attempt: string): Promise<string> {
  const name = (await run.pod(attempt))?.metadata.name ?? '';
  const texts = cluster.nodes.map((node) => readFile(node.logFile(name), 'utf8').catch(() => ''));
  return (await Promise.all(texts)).join('');
}

/** The pod of a training that has something to lose. */
export async function inTraining(at: TestSite, run: TaskRun, title = 'train 2d fold 0'): Promise<Stored<V1Pod>> {
  const pod = await run.running(title);
  await until('it has a checkpoint', async () => {
    const keys = await at.objects.list(checkpointPrefix(stepOf(pod), 1));
    return keys.find((key) => key.endsWith('/reference.json'));
  });
  return pod;
}

/** Applies a Task. */
export async function runOn(site: TestSite, task: FaultSuite['task']): Promise<TaskRun> {
  await site.apply(task);
  return new TaskRun(site, task.metadata.name);
}
