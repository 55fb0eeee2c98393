import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

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
  const missing = !existsSync(sharedPath(needed));
  if (missing && process.env.REQUIRE_SHARED !== '1') describe.skip(`${title} (skipped: no shared/${needed})`, tests);
  else describe(title, tests);
}
