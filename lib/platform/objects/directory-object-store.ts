import type { Dirent } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDurably, isPartialFile, removeIfAbandoned, writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { checkKey, checkPrefix } from './object-key.ts';
import type { ObjectStore } from './object-store.ts';

/**
 * Objects as the files of a folder: the key is the path. Several processes may use one folder at once.
 *
 * Also how a raw data set in a folder is read; only `put…` and `delete` ever write. A file is never a folder too: the
 * keys `a` and `a/b` exclude each other here.
 */
export class DirectoryObjectStore implements ObjectStore {
  readonly #root: string;

  /** @param root absolute path; made at the first put. */
  constructor(root: string) {
    this.#root = root;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    await writeDurably(this.#pathOf(key), bytes);
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return createDurably(this.#pathOf(key), bytes);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    return orAbsent(async () => plainBytes(await readFile(this.#pathOf(key))));
  }

  async head(key: string): Promise<{ readonly bytes: number; readonly modified: Date } | undefined> {
    return orAbsent(async () => {
      const found = await stat(this.#pathOf(key));
      return found.isFile() ? { bytes: found.size, modified: found.mtime } : undefined;
    });
  }

  async list(prefix: string): Promise<string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    checkPrefix(prefix);
    const keys = await this.#keysBelow(folder);
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }

  async delete(key: string): Promise<void> {
    await rm(this.#pathOf(key), { force: true });
  }

  /** @throws {RangeError} for a key that is none. */
  #pathOf(key: string): string {
    checkKey(key);
    // What a put writes before it is whole has such a name.
    if (key.split('/').some(isPartialFile))
      throw new RangeError(`'${key}' is not a key here: that is how unfinished files are named`);
    return join(this.#root, key);
  }

  /** @param folder a key's folders with the slash, or empty. */
  async #keysBelow(folder: string): Promise<string[]> {
    const entries = (await orAbsent(() => readdir(join(this.#root, folder), { withFileTypes: true }))) ?? [];
    const keys: string[] = [];
    for (const entry of entries) {
      const key = `${folder}${entry.name}`;
      if (await this.#isFolder(entry, key)) keys.push(...(await this.#keysBelow(`${key}/`)));
      else if (isPartialFile(entry.name)) await removeIfAbandoned(join(this.#root, key), new Date());
      else keys.push(key);
    }
    return keys;
  }

  /** Follows links: data sets are often put together from them. */
  async #isFolder(entry: Dirent, key: string): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    const target = await orAbsent(() => stat(join(this.#root, key)));
    return target?.isDirectory() ?? false;
  }
}

/** A Buffer's own `slice` and `subarray` share memory and differ from Uint8Array's; nobody outside should see one. */
const plainBytes = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
