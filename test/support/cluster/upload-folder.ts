import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ObjectStore } from '#platform/objects/object-store.ts';

const AT_ONCE = 8;

/** Puts every file of a folder, under its path in it. */
export async function uploadFolder(folder: string, objects: ObjectStore): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (let i = 0; i < paths.length; i += AT_ONCE)
    await Promise.all(
      paths.slice(i, i + AT_ONCE).map(async (path) => objects.put(relative(folder, path), await readFile(path))),
    );
}
