import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { orAbsent } from './or-absent.ts';

describe('orAbsent', () => {
  test('gives what there is', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), 'text');
    expect(await orAbsent(() => readFile(join(folder.path, 'file'), 'utf8'))).toBe('text');
  });

  test.each<{ readonly name: string; readonly read: (root: string) => Promise<unknown> }>([
    { name: 'a file that is not there', read: (root) => readFile(join(root, 'none')) },
    { name: 'a file below a file', read: (root) => readFile(join(root, 'file', 'none')) },
    { name: 'a folder read as a file', read: (root) => readFile(root) },
    { name: 'a file listed as a folder', read: (root) => readdir(join(root, 'file')) },
  ])('takes $name as absent', async ({ read }) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), 'text');
    expect(await orAbsent(() => read(folder.path))).toBeUndefined();
  });

  test('passes on every other error', async () => {
    await expect(orAbsent(() => Promise.reject(new Error('disk on fire')))).rejects.toThrow('disk on fire');
    await expect(orAbsent(() => readFile('name\0'))).rejects.toThrow('null bytes');
  });
});
