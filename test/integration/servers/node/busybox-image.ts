import { cp, mkdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeImage } from '../../../../deploy/oci-image.ts';

export const BUSYBOX_IMAGE = 'localhost/busybox:1';

/** Makes a tiny image with a shell in it. @returns the path of its tar. */
export async function writeBusyboxImage(): Promise<string> {
  const rootFolder = join(tmpdir(), 'busybox');
  const programs = join(rootFolder, 'bin');
  await mkdir(programs, { recursive: true });
  await cp('/bin/busybox', join(programs, 'busybox'));
  for (const name of ['sh', 'cat', 'id', 'nc', 'sleep']) await symlink('busybox', join(programs, name));
  const path = `${rootFolder}.tar`;
  await writeImage(
    { name: BUSYBOX_IMAGE, rootFolder, entrypoint: ['sh'], env: { PATH: '/bin' }, user: '1000:1000' },
    path,
  );
  return path;
}
