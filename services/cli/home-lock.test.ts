import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lockHome } from './home-lock.ts';

let home: string;
const lock = () => join(home, 'lock');

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'pentafold-lock-'));
});

afterEach(() => rm(home, { recursive: true, force: true }));

/** The id of a process that has ended. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('close', resolve));
  return child.pid ?? 0;
}

describe('lockHome', () => {
  test('a home is held until its lock is disposed of', async () => {
    const first = await lockHome(lock());
    await expect(lockHome(lock())).rejects.toThrow(`process ${process.pid} works on ${home} already`);
    await first[Symbol.asyncDispose]();
    await using _second = await lockHome(lock());
    expect(await readdir(home)).toEqual(['lock']);
  });

  test('the lock of a dead process is taken over', async () => {
    await writeFile(lock(), `${await deadProcess()} 12345\n`);
    await using _taken = await lockHome(lock());
    await expect(lockHome(lock())).rejects.toThrow(`process ${process.pid}`);
  });

  test('a process that was given the id of a dead holder does not hold the lock', async () => {
    await writeFile(lock(), `${process.pid} 1\n`);
    await using _taken = await lockHome(lock());
    expect(await readdir(home)).toEqual(['lock']);
  });

  test('a torn lock is taken over', async () => {
    await writeFile(lock(), '');
    await using _taken = await lockHome(lock());
    expect(await readdir(home)).toEqual(['lock']);
  });

  test.each([
    { name: 'a file', of: () => join(home, 'file') },
    { name: 'below a file', of: () => join(home, 'file', 'below') },
    { name: 'below /proc', of: () => '/proc/no/home' },
  ])('a home that is $name is refused', async ({ of }) => {
    await writeFile(join(home, 'file'), '');
    await expect(lockHome(join(of(), 'lock'))).rejects.toMatchObject({ code: 'HOME_UNUSABLE' });
  });

  test.each([
    { name: 'cannot be read', make: () => symlink('lock', lock()), want: 'ELOOP' },
    { name: 'is a folder', make: () => mkdir(lock()), want: 'is no file' },
  ])('a home whose lock $name is refused', async ({ make, want }) => {
    await make();
    await expect(lockHome(lock())).rejects.toMatchObject({
      code: 'HOME_UNUSABLE',
      message: expect.stringContaining(want),
    });
    expect(await readdir(home)).toEqual(['lock']);
  });

  test('a home is made, with the folders above it', async () => {
    await using _lock = await lockHome(join(home, 'new', 'home', 'lock'));
    expect(await readdir(join(home, 'new', 'home'))).toEqual(['lock']);
  });

  test('disposing of it leaves a lock alone that is another one’s by now', async () => {
    const mine = await lockHome(lock());
    await writeFile(lock(), '1 99\n');
    await mine[Symbol.asyncDispose]();
    expect(await readdir(home)).toEqual(['lock']);
  });
});
