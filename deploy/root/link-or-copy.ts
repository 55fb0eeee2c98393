import { copyFile, constants as fileConstants, link, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const { COPYFILE_FICLONE, COPYFILE_EXCL } = fileConstants;

/** Read by everybody: the image's files are root's, and its programs run as another. */
const readableByAll = (mode: number): boolean => (mode & 0o044) === 0o044;

/**
 * Puts a file of this machine, or what a link leads to, at another place for as long as an image is made of it: without
 * copying where the file system allows that. The caller only reads it there.
 *
 * @throws {Error} if the file may not be read by everybody; nobody in the image could.
 */
export async function linkOrCopy(from: string, to: string): Promise<void> {
  const { mode } = await stat(from);
  if (!readableByAll(mode))
    throw new Error(`${from} is not readable by everybody, and so not by the image's user; run chmod -R a+rX on it`);
  await mkdir(dirname(to), { recursive: true });
  // A link to a link would be one, and lead out of the image.
  const file = await realpath(from);
  // Neither another file system nor another owner's files can be linked to.
  await link(file, to).catch(() => copyFile(file, to, COPYFILE_FICLONE | COPYFILE_EXCL));
}
