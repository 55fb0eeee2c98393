// The same on another store.

import { expect, test } from 'vitest';
import { describeFaults, inTraining, logOf, nodeOf, runOn } from '#test/cluster/fault-suite.ts';
import { startTestSite } from '#test/cluster/test-site.ts';

await describeFaults(
  'a cluster with MinIO',
  (suite) => {
    test('a worker is killed', { timeout: 240_000 }, async () => {
      await using at = await startTestSite(suite().cluster, 'worker-killed');
      await at.startController();
      const run = await runOn(at, suite().task);
      const { name } = (await inTraining(at, run)).metadata;
      nodeOf(suite(), name)?.kill(name);
      expect((await run.succeeds()).spec.step).toBe(suite().undisturbed);
      expect(await logOf(suite(), run, 'train 2d fold 0/2')).toMatch(/"fromAttempt":1,"msg":"training resumed"/);
    });
  },
  'minio',
);
