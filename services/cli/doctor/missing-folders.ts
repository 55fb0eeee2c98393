import { rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';

/** The folders that would have to be made for this one to be there, the deepest first. @param folder absolute. */
export async function missingFolders(folder: string): Promise<string[]> {
  if ((await orAbsent(() => stat(folder))) !== undefined) return [];
  return [folder, ...(await missingFolders(dirname(folder)))];
}

/** Removes folders, the deepest first, up to the first that holds something: somebody began to use it meanwhile. */
export async function removeEmpty(folders: readonly string[]): Promise<void> {
  for (const folder of folders) {
    try {
      await orAbsent(() => rmdir(folder));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOTEMPTY') return;
      throw error;
    }
  }
}
