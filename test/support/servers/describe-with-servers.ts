import { describe } from 'vitest';
import { type ServerName, servers } from '../../servers/catalogue.ts';
import { makeReady } from '../../servers/make-ready.ts';

/**
 * A `describe` whose tests talk to real servers, which are built first where that was never done on this machine: the
 * caller awaits it.
 *
 * Where a server cannot be had the tests are skipped, and the title says why; with REQUIRE_SERVERS=1 (set in CI) they
 * run and so fail instead.
 */
export async function describeWithServers(
  title: string,
  needed: readonly ServerName[],
  tests: () => void,
): Promise<void> {
  const reason = await absence(needed);
  if (reason === null || process.env.REQUIRE_SERVERS === '1') describe(title, tests);
  else describe.skip(`${title} (skipped: ${reason})`, tests);
}

/** Why not all these servers can be had here, or `null` when they are there. */
async function absence(needed: readonly ServerName[]): Promise<string | null> {
  for (const name of needed) {
    const reason = await makeReady(name, (line) => process.stdout.write(`servers: ${line}\n`));
    // A node is not only installed by root but run by root.
    if (reason !== null) return reason;
    if (servers[name].from === 'debian' && process.getuid?.() !== 0) return 'only root can run a node';
  }
  return null;
}
