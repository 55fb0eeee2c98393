import { defineConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

/** What goes wrong on clusters: the quick faults that every run has, and those that take minutes. One cluster at a time. */
export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/e2e/faults.test.ts', 'test/e2e/long/*.test.ts'],
    fileParallelism: false,
    hookTimeout: 60_000,
    reporters: ['default', new SkippedReporter()],
  },
});
