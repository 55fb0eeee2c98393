import { access, constants, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BadInputError } from '#core/errors.ts';
import { makeFolder } from '#files/make-folder.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { writeTo } from './output.ts';

/** Thrown when a folder named on the command line is not there, or does not hold what the command needs. */
export class FolderUnusableError extends BadInputError {
  readonly code = 'FOLDER_UNUSABLE';
}

/** Names in a folder, ascending. @throws {FolderUnusableError} when it is not there or is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (cause) {
    const code = systemErrorCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new FolderUnusableError(`there is no folder ${folder}`, { cause });
    throw cause;
  }
}

/** Makes the folder that results go to, if need be. @throws {FolderUnusableError} when nothing can be written there. */
export async function prepareOutput(folder: string): Promise<void> {
  await writeTo(folder, FolderUnusableError, async () => {
    await makeFolder(resolve(folder));
    await access(folder, constants.W_OK);
  });
}
