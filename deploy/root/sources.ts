import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { linkOrCopy } from './link-or-copy.ts';

/** Where programs start, and what they say they are. */
const ALONE = ['package.json', 'LICENSE'];
const FOLDERS = ['lib', 'services', 'proto'];
/** The addon's sources; what was built of them is added by itself. */
const LEFT_OUT = ['lib/compute/torch/src', 'lib/compute/torch/build'];
const UNUSED = /(\.(test|bench)\.ts|\.py|\.gyp|\.md)$/;

/** Puts what of the project runs into a folder: Node runs the TypeScript as it is. */
export async function addSources(project: string, folder: string): Promise<void> {
  for (const file of ALONE) await linkOrCopy(join(project, file), join(folder, file));
  for (const of of FOLDERS) await addFolder(project, folder, of);
}

async function addFolder(project: string, folder: string, of: string): Promise<void> {
  if (LEFT_OUT.includes(of)) return;
  for (const entry of await readdir(join(project, of), { withFileTypes: true })) {
    const path = `${of}/${entry.name}`;
    if (entry.isDirectory()) await addFolder(project, folder, path);
    else if (!UNUSED.test(path)) await linkOrCopy(join(project, path), join(folder, path));
  }
}
