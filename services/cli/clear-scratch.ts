import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { orAbsent } from '#files/or-absent.ts';

/** `<digest of the step>-<attempt>` */
const ATTEMPT_FOLDER = /^[0-9a-f]{64}-\d+$/;

/**
 * Removes the folders of attempts that were killed before they could do so themselves. The unpacked cases beside them
 * stay: they are shared, and kept within their limit by those who use them.
 *
 * Only for whoever holds the home: nothing else runs there then.
 */
export async function clearScratch(scratch: string): Promise<void> {
  const names = (await orAbsent(() => readdir(scratch))) ?? [];
  for (const name of names.filter((name) => ATTEMPT_FOLDER.test(name))) {
    await rm(join(scratch, name), { recursive: true, force: true });
  }
}
