import { randomUUID } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '#files/make-folder.ts';
import { orAbsent } from '#files/or-absent.ts';
import { FolderUnusableError } from '../folder.ts';
import { withRoomFor, writeTo } from '../output.ts';

/**
 * Makes a folder whole or not at all: `fill` puts files into one beside it, which takes its place at the end.
 *
 * @throws {FolderUnusableError} when something is in the folder already, or nothing can be written there.
 * @throws {StorageFullError} when there is no room.
 */
export async function makeWholeFolder<T>(path: string, fill: (folder: string) => Promise<T>): Promise<T> {
  const folder = resolve(path);
  const present = (await orAbsent(() => readdir(folder))) ?? [];
  if (present.length > 0) throw new FolderUnusableError(`${path} is not empty; choose a new folder for the output`);
  const partial = join(dirname(folder), `.${basename(folder)}.${process.pid}.${randomUUID()}.partial`);
  await writeTo(path, FolderUnusableError, () => makeFolder(partial));
  try {
    const result = await withRoomFor(path, () => fill(partial));
    await writeTo(path, FolderUnusableError, () => rename(partial, folder));
    return result;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}
