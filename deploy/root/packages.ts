import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkOrCopy } from './link-or-copy.ts';
import { productionPackages } from './production-packages.ts';

/** Source maps, declarations, files for compilers, readers and another run time. Licences stay. */
const UNUSED = /\.(map|md|markdown|ts|cts|mts|tsbuildinfo|flow|h|cc|gyp|bare)$/;

/**
 * Puts the project's production packages into a folder, without what is of no use at run time.
 *
 * @throws {Error} when one is not installed.
 */
export async function addPackages(project: string, folder: string): Promise<void> {
  const lock = JSON.parse(await readFile(join(project, 'package-lock.json'), 'utf8'));
  for (const { folder: of, optional } of productionPackages(lock)) {
    if (existsSync(join(project, of))) await addPackage(join(project, of), join(folder, of));
    else if (!optional) throw new Error(`${of} is not installed; run bin/setup`);
  }
}

/** Packages within it are not its files: the lock lists them on their own. */
async function addPackage(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (entry.isDirectory() && entry.name !== 'node_modules')
      await addPackage(join(from, entry.name), join(to, entry.name));
    if (entry.isFile() && !UNUSED.test(entry.name)) await linkOrCopy(join(from, entry.name), join(to, entry.name));
  }
}
