import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkOrCopy } from './link-or-copy.ts';

/** Whom all programs of the image run as. */
export const USER = 65_532;

const FILES: Readonly<Record<string, string>> = {
  '/etc/passwd': `root:x:0:0:root:/root:/sbin/nologin\npentafold:x:${USER}:${USER}:pentafold:/tmp:/sbin/nologin\n`,
  '/etc/group': `root:x:0:\npentafold:x:${USER}:\n`,
  // Without it the C library asks name servers alone, and a pod's own /etc/hosts is not read.
  '/etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** What Kubernetes, or whoever else runs the image, mounts on: a root that is read-only has to have the folders. */
const PLACES = ['/tmp', '/scratch', '/dev', '/proc', '/sys', '/run', '/var/run/secrets'];

/** Folders of `/usr` that programs also look for at the top. */
const IN_USR = ['bin', 'lib', 'lib64'];

const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';

/** Puts into an empty root what of a system is not a program: users, names, authorities, places to mount on. */
export async function addSystemFiles(root: string): Promise<void> {
  for (const place of PLACES) await mkdir(join(root, place), { recursive: true });
  await chmod(join(root, 'tmp'), 0o1777);
  for (const name of IN_USR) {
    await mkdir(join(root, 'usr', name), { recursive: true });
    await symlink(`usr/${name}`, join(root, name));
  }
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(join(root, dirname(path)), { recursive: true });
    await writeFile(join(root, path), text, { mode: 0o644 });
  }
  await linkOrCopy('/etc/os-release', join(root, 'etc', 'os-release'));
  await linkOrCopy(AUTHORITIES, join(root, AUTHORITIES));
}

/** Where a library of this system belongs in the root: `/lib64/…` is `/usr/lib64/…`, as on every merged Debian. */
export const placeOfLibrary = (root: string, path: string): string =>
  join(root, path.startsWith('/usr/') ? path : join('/usr', path));
