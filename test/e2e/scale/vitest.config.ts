import { defineConfig } from 'vitest/config';

/** What `npm run test:scale` runs: nothing beside it. */
export default defineConfig({
  test: { name: 'scale', pool: 'forks', include: ['test/e2e/scale/*.test.ts'], reporters: ['verbose'] },
});
