import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { writeDurably } from './durable-file.ts';

it('replaces a file and makes its folder', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'new', 'file.txt');
  await writeDurably(path, 'first');
  await writeDurably(path, Uint8Array.of(0x32));
  expect(await readFile(path, 'utf8')).toBe('2');
  expect(await readdir(join(folder.path, 'new'))).toEqual(['file.txt']);
});

it('leaves nothing half written behind when it fails', async () => {
  await using folder = await temporaryFolder();
  await mkdir(join(folder.path, 'taken', 'inside'), { recursive: true });
  await expect(writeDurably(join(folder.path, 'taken'), 'text')).rejects.toThrow();
  expect(await readdir(folder.path)).toEqual(['taken']);
});
