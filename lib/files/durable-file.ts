// Files that are seen whole or not at all, also after a crash or a loss of power: written beside their place under a
// name that readers pass over, synced, then moved there.

import { randomUUID } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { isStorageFull, StorageFullError } from './storage-full-error.ts';
import { systemErrorCode } from './system-error-code.ts';

/** `.<name>.<pid>.<uuid>.partial` */
const PARTIAL = /^\..*\.\d+\.[0-9a-f-]{36}\.partial$/;

/** A partial file older than this is nobody's: no write takes so long. */
const ABANDONED_AFTER_MS = 60 * 60 * 1000;

/** Whether a file name is that of a write under way, or of one that never ended. */
export const isPartialFile = (name: string): boolean => PARTIAL.test(name);

/** What a file is to hold, whole or piece by piece. */
export type FileContent = Uint8Array | string | AsyncIterable<Uint8Array>;

/** Writes a file, replacing any; makes its folders. @throws {StorageFullError} when there is no room. */
export async function writeDurably(path: string, content: FileContent): Promise<void> {
  await placeDurably(path, content, (partial) => rename(partial, path));
}

/**
 * Writes a file unless there is one. Of several that try at once exactly one succeeds.
 *
 * @returns false, changing nothing, when there is one.
 * @throws {StorageFullError} when there is no room.
 */
export async function createDurably(path: string, content: Uint8Array | string): Promise<boolean> {
  try {
    await placeDurably(path, content, (partial) => link(partial, path));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a partial file that some writer left behind long ago; one that may still be written stays. */
export async function removeIfAbandoned(path: string, now: Date): Promise<void> {
  try {
    const { mtimeMs } = await stat(path);
    if (now.getTime() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { force: true });
  } catch (error) {
    // Moved to its place meanwhile, or removed by another.
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

async function placeDurably(
  path: string,
  content: FileContent,
  place: (partial: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const partial = join(folder, `.${basename(path).slice(0, 100)}.${process.pid}.${randomUUID()}.partial`);
  try {
    await makeFolder(folder);
    await writeAndSync(partial, content);
    await place(partial);
    await syncFolder(folder);
  } catch (error) {
    if (isStorageFull(error)) throw new StorageFullError(path, { cause: error });
    throw error;
  } finally {
    await rm(partial, { force: true });
  }
}

async function writeAndSync(path: string, content: FileContent): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the new name durable, not only the bytes behind it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
