import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';

const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Path of a file in the folder of reference data that may lie beside the checkout. */
export const sharedPath = (path: string): string => `${root}${path}`;

/**
 * A `describe` whose tests need reference data beside the checkout.
 *
 * Without the data it is skipped, and its title says what is missing; with REQUIRE_SHARED=1 (set in CI) it runs and so
 * fails instead.
 */
export function describeWithShared(title: string, needed: string, tests: () => void): void {
  if (existsSync(sharedPath(needed)) || process.env.REQUIRE_SHARED === '1') describe(title, tests);
  // The tests are not even collected: their tables are read from the data.
  else describe(`${title} (skipped: no shared/${needed})`, () => it.skip('agrees', () => {}));
}
