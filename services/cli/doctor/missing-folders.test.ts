import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { missingFolders, removeEmpty } from './missing-folders.ts';

let folder: TemporaryFolder;
let parent: string;
let home: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  parent = join(folder.path, 'parent');
  home = join(parent, 'home');
});
afterEach(() => folder[Symbol.asyncDispose]());

test('folders that were missing are removed again, and no others', async () => {
  const missing = await missingFolders(home);
  expect(missing).toEqual([home, parent]);
  await mkdir(home, { recursive: true });
  expect(await missingFolders(home)).toEqual([]);
  await removeEmpty(missing);
  expect(await readdir(folder.path)).toEqual([]);
});

test('a folder that a run has begun to use stays, with those above it', async () => {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, 'lock'), '');
  await removeEmpty([join(home, 'never made'), home, parent]);
  expect(await readdir(home)).toEqual(['lock']);
});
