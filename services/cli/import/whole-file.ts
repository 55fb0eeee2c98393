import { readFile } from 'node:fs/promises';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { FileUnusableError } from '../file.ts';

/** Bytes of a file, or `undefined` when there is none. @throws {FileUnusableError} from 2 GiB on, which Node does not read at once. */
export async function wholeFile(path: string): Promise<Uint8Array | undefined> {
  try {
    return await orAbsent(() => readFile(path));
  } catch (cause) {
    if (systemErrorCode(cause) !== 'ERR_FS_FILE_TOO_LARGE') throw cause;
    throw new FileUnusableError(`${path} has 2 GiB or more; files of that size are not imported`, { cause });
  }
}
