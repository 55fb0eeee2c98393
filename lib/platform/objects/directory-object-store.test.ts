import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPartialFile } from '#files/durable-file.ts';
import { eventually } from '#test/eventually.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { testsObjectStore } from '#test/object-store-conformance.ts';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { DirectoryObjectStore } from './directory-object-store.ts';

testsObjectStore('directory', async () => {
  const folder = await temporaryFolder();
  return { store: new DirectoryObjectStore(folder.path), [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
});

testsObjectStore('memory', async () => ({ store: new MemoryObjectStore(), async [Symbol.asyncDispose]() {} }));

const partialName = '.key.4711.0b0e7a52-6b1c-4f0e-9a55-1f2d3c4b5a69.partial';

describe('DirectoryObjectStore', () => {
  test('an object is the file at its key', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'imagesTr'));
    await writeFile(join(folder.path, 'imagesTr', 'case_0000.nii.gz'), 'voxels');
    const store = new DirectoryObjectStore(folder.path);
    expect(await store.list('')).toEqual(['imagesTr/case_0000.nii.gz']);
  });

  test('a linked folder is listed as if it were there; a link to nothing is no object', async () => {
    await using elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere.path, 'case.nii'), 'voxels');
    await using folder = await temporaryFolder();
    await symlink(elsewhere.path, join(folder.path, 'imagesTr'));
    await symlink('/nowhere/at/all', join(folder.path, 'broken'));
    const store = new DirectoryObjectStore(folder.path);
    expect(await store.list('imagesTr/')).toEqual(['imagesTr/case.nii']);
    expect(await store.get('broken')).toBeUndefined();
  });

  test('a write under way is not listed and cannot be read or written by name', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, partialName), 'half of');
    const store = new DirectoryObjectStore(folder.path);
    expect(await store.list('')).toEqual([]);
    await expect(store.get(partialName)).rejects.toThrow(RangeError);
    expect(await readdir(folder.path)).toEqual([partialName]);
  });

  test('what a writer that died left behind is removed by a list once it is old', async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, partialName), 'half of');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(folder.path, partialName), twoHoursAgo, twoHoursAgo);
    expect(await new DirectoryObjectStore(folder.path).list('')).toEqual([]);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('a put that fails leaves no partial file', async () => {
    await using folder = await temporaryFolder();
    await mkdir(join(folder.path, 'taken', 'by-a-folder'), { recursive: true });
    const store = new DirectoryObjectStore(folder.path);
    await expect(store.put('taken', new Uint8Array(3))).rejects.toThrow();
    expect(await readdir(folder.path)).toEqual(['taken']);
  });

  test('a writer killed at any moment leaves the old object or the new one, never a part', async () => {
    await using folder = await temporaryFolder();
    const store = new DirectoryObjectStore(folder.path);
    const bytes = 2_000_000;
    await store.put('key', new Uint8Array(bytes).fill(255));
    for (let kill = 0; kill < 5; kill++) {
      await killWhileWriting(folder.path, bytes);
      const found = await store.get('key');
      expect(found).toHaveLength(bytes);
      expect(new Set(found).size).toBe(1);
      expect(await store.list('')).toEqual(['key']);
    }
    expect((await readdir(folder.path)).filter((name) => name !== 'key').every(isPartialFile)).toBe(true);
  });
});

const smallDisk = (path: string) => [
  '-rm',
  'sh',
  '-c',
  `mount -t tmpfs -o size=256k tmpfs '${path}' && exec "$@"`,
  'sh',
];
const canMount = spawnSync('unshare', [...smallDisk('/mnt'), 'true']).status === 0;

describe.skipIf(!canMount)('DirectoryObjectStore on a full disk (skipped where no tmpfs can be mounted)', () => {
  test('a put and a putIfAbsent fail by name, leave nothing, and leave the old object as it was', async () => {
    await using folder = await temporaryFolder();
    const program = `
      import { readdir } from 'node:fs/promises';
      import { DirectoryObjectStore } from '${new URL('./directory-object-store.ts', import.meta.url)}';
      const store = new DirectoryObjectStore(${JSON.stringify(folder.path)});
      await store.put('old', new Uint8Array(1000));
      const codes = [];
      for (const put of [store.put.bind(store, 'old'), store.putIfAbsent.bind(store, 'new')]) {
        await put(new Uint8Array(1_000_000)).catch((error) => codes.push(error.code));
      }
      const old = await store.head('old');
      console.log(JSON.stringify({ codes, files: await readdir(${JSON.stringify(folder.path)}), bytes: old.bytes }));`;
    const node = [process.execPath, '--input-type=module', '-e', program];
    const { stdout } = spawnSync('unshare', [...smallDisk(folder.path), ...node], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual({ codes: ['STORAGE_FULL', 'STORAGE_FULL'], files: ['old'], bytes: 1000 });
  });
});

/** Starts a process that puts `key` again and again, each time all of one byte, and kills it in the middle of a write. */
async function killWhileWriting(root: string, bytes: number): Promise<void> {
  const program = `
    import { DirectoryObjectStore } from '${new URL('./directory-object-store.ts', import.meta.url)}';
    const store = new DirectoryObjectStore(${JSON.stringify(root)});
    for (let i = 0; ; i = (i + 1) % 256) await store.put('key', new Uint8Array(${bytes}).fill(i));`;
  const left = new Set(await readdir(root));
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  await eventually('a write is under way', async () =>
    (await readdir(root)).some((name) => isPartialFile(name) && !left.has(name)),
  );
  child.kill('SIGKILL');
  await exited;
}
