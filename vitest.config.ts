import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A crash in the addon ends one file, not the run.
    pool: 'forks',
    testTimeout: 30_000,
    exclude: [...configDefaults.exclude, '**/.claude/**'],
  },
});
