import { mkdir, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { datasetRevision } from './revision.ts';

const then = new Date('2026-01-01T00:00:00Z');
let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, 'imagesTr'));
  await write('dataset.json', '{}');
  await write('imagesTr/a_0000.nii', 'voxels');
});
afterEach(() => folder[Symbol.asyncDispose]());

const path = (name: string): string => join(folder.path, name);
const revision = (): Promise<string> => datasetRevision(new DirectoryObjectStore(folder.path));

async function write(name: string, content: string, modified = then): Promise<void> {
  await writeFile(path(name), content);
  await utimes(path(name), modified, modified);
}

test('the revision of a data set that is left alone stays', async () => {
  expect(await revision()).toBe(await revision());
});

test('the revision is that of the listing: the same files elsewhere have the same', async () => {
  const before = await revision();
  await using elsewhere = await temporaryFolder();
  await rename(folder.path, join(elsewhere.path, 'moved'));
  expect(await datasetRevision(new DirectoryObjectStore(join(elsewhere.path, 'moved')))).toBe(before);
});

test.each([
  { name: 'a file more', change: () => write('imagesTr/b_0000.nii', 'voxels') },
  { name: 'a file of another name', change: () => rename(path('imagesTr/a_0000.nii'), path('imagesTr/c_0000.nii')) },
  { name: 'a file of another size', change: () => write('imagesTr/a_0000.nii', 'more voxels') },
  { name: 'a file changed later', change: () => write('imagesTr/a_0000.nii', 'VOXELS', new Date(then.getTime() + 1)) },
])('the revision changes with $name', async ({ change }) => {
  const before = await revision();
  await change();
  expect(await revision()).not.toBe(before);
});
