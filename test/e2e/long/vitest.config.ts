import { defineConfig } from 'vitest/config';
import { SkippedReporter } from '../../support/skipped-reporter.ts';

/** What `npm run test:faults` runs: the quick faults that every run has, and those that take minutes. One cluster at a time. */
export default defineConfig({
  test: {
    pool: 'forks',
    root: '../../..',
    include: ['test/e2e/faults.test.ts', 'test/e2e/long/*.test.ts'],
    fileParallelism: false,
    hookTimeout: 60_000,
    reporters: ['default', new SkippedReporter()],
  },
});
