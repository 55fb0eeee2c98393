import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MOUNTED = '/sys/fs/cgroup';

export interface Cgroup extends AsyncDisposable {
  /** Below every hierarchy, as `/name`. */
  readonly path: string;
}

/**
 * A control group with nothing in it, for the pods of a node: below the one hierarchy of version 2, or in each of
 * version 1. When it is disposed of, what was made below it goes too; nothing may run in it any more.
 */
export async function newCgroup(name: string): Promise<Cgroup> {
  const hierarchies = await hierarchyFolders();
  for (const hierarchy of hierarchies) {
    await mkdir(join(hierarchy, name));
    // In version 1 a new group has no processors and no memory nodes, and takes no process until it has.
    for (const file of ['cpuset.cpus', 'cpuset.mems'])
      if (existsSync(join(hierarchy, 'cgroup.clone_children')) && existsSync(join(hierarchy, file)))
        await writeFile(join(hierarchy, name, file), await readFile(join(hierarchy, file)));
  }
  return {
    path: `/${name}`,
    async [Symbol.asyncDispose]() {
      for (const hierarchy of hierarchies) await removeGroups(join(hierarchy, name));
    },
  };
}

/** Version 2 alone is mounted at the top; of version 1 there are folders, some of them linked by a second name. */
async function hierarchyFolders(): Promise<string[]> {
  if (existsSync(join(MOUNTED, 'cgroup.controllers'))) return [MOUNTED];
  const entries = await readdir(MOUNTED, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(MOUNTED, name));
}

/** A group's files go with it; only the groups in it have to go first. */
async function removeGroups(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroups(join(folder, entry.name));
  await rmdir(folder);
}
