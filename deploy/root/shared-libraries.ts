import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Paths of all shared libraries that programs or libraries need to be loaded, the dynamic linker included, each once.
 *
 * @param elsewhere names of those that the machine has on which the image runs.
 * @throws {Error} naming the others that this machine does not have.
 */
export async function sharedLibraries(
  binaries: readonly string[],
  elsewhere: readonly string[] = [],
): Promise<string[]> {
  const listings = await Promise.all(binaries.map(async (path) => (await run('ldd', [path])).stdout));
  const missing = listings.flatMap(missingOf).filter((name) => !elsewhere.includes(name));
  if (missing.length > 0) throw new Error(`not on this machine: ${[...new Set(missing)].join(', ')}`);
  return [...new Set(listings.flatMap(librariesOf))].sort();
}

/** `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`, and the linker without the arrow. */
export function librariesOf(listing: string): string[] {
  return [...listing.matchAll(/(?:=>\s+|^\s*)(\/\S+) \(0x[0-9a-f]+\)$/gm)].map(([, path = '']) => resolve(path));
}

const missingOf = (listing: string): string[] =>
  [...listing.matchAll(/^\s*(\S+) => not found/gm)].map(([, name = '']) => name);
