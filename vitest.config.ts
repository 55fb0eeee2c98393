import { configDefaults, defineConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

const withServers = ['test/integration/servers/**/*.test.ts', 'test/e2e/*.test.ts'];
/** What takes minutes of waiting, or many simulated machines. */
const byHand = ['test/e2e/long/*.test.ts', 'test/e2e/scale/*.test.ts'];
const exclude = [...configDefaults.exclude, 'demo-output/**'];

export default defineConfig({
  test: {
    // A crash in the addon ends one file, not the run.
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', new SkippedReporter()],
    projects: [
      { extends: true, test: { name: 'alone', exclude: [...exclude, ...withServers, ...byHand] } },
      {
        extends: true,
        // Last, so that nothing waits for servers to be built; one by one, so that a cluster has the machine to itself.
        test: {
          name: 'with servers',
          include: withServers,
          exclude,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
