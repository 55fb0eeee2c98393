import { systemErrorCode } from './system-error-code.ts';

// ENOTDIR, EISDIR: a file stands where a folder would be, or the other way round. What was asked for is not there.
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

/** What `read` gives, or `undefined` when there is no such file or folder. Any other error is the caller's. */
export async function orAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (ABSENT.has(systemErrorCode(error))) return undefined;
    throw error;
  }
}
