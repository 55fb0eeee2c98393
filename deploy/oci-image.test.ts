import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { writeImage } from './oci-image.ts';

const run = promisify(execFile);

describe('an image', () => {
  it('refers to its root, entry point and name by digests that hold', async () => {
    await using folder = await temporaryFolder();
    const path = await writeTinyImage(folder.path, 'tiny.tar');
    const layout = join(folder.path, 'layout');
    await mkdir(layout);
    await run('tar', ['--extract', '--file', path, '--directory', layout]);
    const blob = (digest: string) => readFile(join(layout, 'blobs', digest.replace(':', '/')));

    const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8'));
    const [entry] = index.manifests;
    expect(entry.annotations['io.containerd.image.name']).toBe('localhost/tiny:1');
    const manifest = JSON.parse((await blob(entry.digest)).toString());
    const config = JSON.parse((await blob(manifest.config.digest)).toString());
    expect(config.config).toEqual({
      Entrypoint: ['/bin/program', '--flag'],
      Env: ['HOME=/home'],
      User: '1000:1000',
      WorkingDir: '/',
    });
    expect(config.rootfs.diff_ids).toEqual([manifest.layers[0].digest]);
    const layer = join(layout, 'blobs', manifest.layers[0].digest.replace(':', '/'));
    const { stdout } = await run('tar', ['--list', '--verbose', '--numeric-owner', '--file', layer]);
    expect(stdout).toMatch(/^-rwxr-x--- 0\/0 +7 1970-01-01 00:00 \.\/bin\/program$/m);
    for (const digest of await readdir(join(layout, 'blobs', 'sha256')))
      expect(
        createHash('sha256')
          .update(await blob(`sha256:${digest}`))
          .digest('hex'),
      ).toBe(digest);
  });

  it('has the same bytes whenever it is made', async () => {
    await using folder = await temporaryFolder();
    const first = await readFile(await writeTinyImage(folder.path, 'first.tar'));
    await utimes(join(folder.path, 'root', 'bin', 'program'), 1_000_000, 1_000_000);
    const second = await readFile(await writeTinyImage(folder.path, 'second.tar'));
    expect(second.equals(first)).toBe(true);
  });

  it('that cannot be made leaves nothing behind', async () => {
    await using folder = await temporaryFolder();
    const image = {
      name: 'localhost/none:1',
      rootFolder: join(folder.path, 'none'),
      entrypoint: [],
      env: {},
      user: '0:0',
    };
    await expect(writeImage(image, join(folder.path, 'none.tar'))).rejects.toThrow('No such file or directory');
    expect(await readdir(folder.path)).toEqual([]);
  });
});

async function writeTinyImage(folder: string, fileName: string): Promise<string> {
  const rootFolder = join(folder, 'root');
  await mkdir(join(rootFolder, 'bin'), { recursive: true });
  await writeFile(join(rootFolder, 'bin', 'program'), 'program', { mode: 0o750 });
  const path = join(folder, fileName);
  const entrypoint = ['/bin/program', '--flag'];
  await writeImage(
    { name: 'localhost/tiny:1', rootFolder, entrypoint, env: { HOME: '/home' }, user: '1000:1000' },
    path,
  );
  return path;
}
