import { afterAll, beforeAll } from 'vitest';
import { generatePhantom } from '../../../examples/phantom/generate.ts';
import { describeWithServers } from '../servers/describe-with-servers.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { smallTask } from './small-task.ts';
import { TaskRun } from './task-run.ts';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { startTestSite, type TestSite, upload } from './test-site.ts';

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
export async function describeFaults(title: string, tests: (suite: () => FaultSuite) => void): Promise<void> {
  await describeWithServers(title, ['kubernetes', 'nats', 'versitygw'], () => {
    let suite: FaultSuite | undefined;
    beforeAll(async () => {
      const cluster = await startTestCluster({ nodes: 2, store: 'versitygw' });
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

/** Applies a Task. */
export async function runOn(site: TestSite, task: FaultSuite['task']): Promise<TaskRun> {
  await site.apply(task);
  return new TaskRun(site, task.metadata.name);
}
