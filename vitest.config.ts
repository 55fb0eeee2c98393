import { configDefaults, defineConfig } from 'vitest/config';
import { SkippedReporter } from './test/support/skipped-reporter.ts';

export default defineConfig({
  test: {
    // A crash in the addon ends one file, not the run.
    pool: 'forks',
    testTimeout: 60_000,
    exclude: [...configDefaults.exclude, 'demo-output/**'],
    reporters: ['default', new SkippedReporter()],
  },
});
