import { getSystemErrorMessage } from 'node:util';
import { isStorageFull, StorageFullError } from '#files/storage-full-error.ts';
import { systemErrorCode } from '#files/system-error-code.ts';

/** Why a place cannot be written to, by the system's names: the user chose it, and can choose another. */
const UNWRITABLE: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EBUSY',
  'EEXIST',
  'EINVAL',
  'EISDIR',
  'ELOOP',
  'ENAMETOOLONG',
  'ENOENT',
  'ENOTDIR',
  'ENOTEMPTY',
  'EPERM',
  'EROFS',
]);

/**
 * Writes to a place that the user named, and tells a failure by that name: while a file or folder is not whole, it has
 * another.
 *
 * @param Unusable what is thrown when nothing can be written there. @throws {StorageFullError} when there is no room.
 */
export async function writeTo<T>(
  path: string,
  Unusable: new (message: string, options?: ErrorOptions) => Error,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await withRoomFor(path, write);
  } catch (cause) {
    if (!UNWRITABLE.has(systemErrorCode(cause))) throw cause;
    throw new Unusable(`nothing can be written to ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** For work that also reads: of its failures only the lack of room is the output's. @throws {StorageFullError} */
export async function withRoomFor<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isStorageFull(cause)) throw new StorageFullError(path, { cause });
    throw cause;
  }
}

/** In words, without the path of a part. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && 'errno' in error && typeof error.errno === 'number')
    return getSystemErrorMessage(error.errno);
  return String(error);
}
