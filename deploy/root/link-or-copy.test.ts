import { chmod, lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { linkOrCopy } from './link-or-copy.ts';

describe('linkOrCopy', () => {
  it('puts what a link leads to, in a folder that it makes', async () => {
    await using folder = await temporaryFolder();
    const [file, link, to] = ['file', 'link', 'new/folder/file'].map((name) => join(folder.path, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(file, 'content');
    await symlink('file', link);
    await linkOrCopy(link, to);
    expect((await lstat(to)).isSymbolicLink()).toBe(false);
    expect(await readFile(to, 'utf8')).toBe('content');
  });

  it('refuses a file that the image’s user could not read', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'file');
    await writeFile(file, 'content');
    await chmod(file, 0o600);
    await expect(linkOrCopy(file, join(folder.path, 'other'))).rejects.toThrow(/not readable by everybody.*chmod/);
  });
});
