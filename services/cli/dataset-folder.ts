import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { orAbsent } from '#files/or-absent.ts';

/** A data set's files as `lib/datasets` asks for them; paths have slashes and start at the folder. */
export class DatasetFolder {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async get(path: string): Promise<Uint8Array | undefined> {
    return orAbsent(() => readFile(join(this.#root, path)));
  }

  /** Files whose path starts with `prefix`, ascending; none where there is no folder. */
  async list(prefix: string): Promise<string[]> {
    const entries = (await orAbsent(() => readdir(this.#root, { recursive: true, withFileTypes: true }))) ?? [];
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(this.#root, join(entry.parentPath, entry.name)).split(sep).join('/'))
      .filter((path) => path.startsWith(prefix))
      .sort();
  }
}
