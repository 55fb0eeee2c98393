import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { checkNewFile, FileUnusableError, writeOutput } from './file.ts';
import { FolderUnusableError } from './folder.ts';
import { makeWholeFolder } from './label-maps/new-folder.ts';
import { writeTo } from './output.ts';

const systemError = (code: string, errno: number) =>
  Object.assign(new Error(`${code}, open '.partial'`), { code, errno });

describe('an output that cannot be written', () => {
  it.each([
    { path: '/proc/x.json', reason: 'no such file or directory' },
    { path: '/proc/none/x.json', reason: 'no such file or directory' },
    { path: '/dev/null/x.json', reason: 'not a directory' },
  ])('is refused as the file that the user named: $path', async ({ path, reason }) => {
    await expect(writeOutput(path, '{}')).rejects.toEqual(
      new FileUnusableError(`nothing can be written to ${path}: ${reason}`),
    );
  });

  it('is refused where a folder stands in the place of a file', async () => {
    await using folder = await temporaryFolder();
    await expect(writeOutput(folder.path, '{}')).rejects.toMatchObject({
      code: 'FILE_UNUSABLE',
      message: expect.stringMatching(`^nothing can be written to ${folder.path}: .*directory`),
    });
  });

  it.each(['/proc/x', '/dev/null/x', 'file'])('is refused as a whole folder: %s', async (path) => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, 'file'), 'mine');
    const output = path.startsWith('/') ? path : join(folder.path, path);
    await expect(makeWholeFolder(output, async () => {})).rejects.toMatchObject({
      code: 'FOLDER_UNUSABLE',
      message: expect.stringMatching(`^nothing can be written to ${output}: `),
    });
    expect(await readdir(folder.path)).toEqual(['file']);
  });

  it.each([
    { code: 'ENOSPC', errno: -28 },
    { code: 'EDQUOT', errno: -122 },
    { code: 'EFBIG', errno: -27 },
  ])('is told by the path that the user gave when there is no room: $code', async ({ code, errno }) => {
    const full = () => Promise.reject(systemError(code, errno));
    await using folder = await temporaryFolder();
    const output = join(folder.path, 'out');
    const told = { code: 'STORAGE_FULL', message: expect.stringContaining(`store ${output};`) };
    await expect(writeTo(output, FileUnusableError, full)).rejects.toMatchObject(told);
    await expect(makeWholeFolder(output, full)).rejects.toMatchObject(told);
  });

  it('is not blamed for an input that cannot be read, nor for faults of the program', async () => {
    await using folder = await temporaryFolder();
    const output = join(folder.path, 'out');
    const denied = systemError('EACCES', -13);
    await expect(makeWholeFolder(output, () => Promise.reject(denied))).rejects.toBe(denied);
    const fault = new TypeError('a fault');
    await expect(writeTo(output, FolderUnusableError, () => Promise.reject(fault))).rejects.toBe(fault);
  });
});

describe('a new file', () => {
  it('has the ending of its kind', async () => {
    await expect(checkNewFile('model.nii', '.zip')).rejects.toEqual(
      new FileUnusableError('model.nii: expected a name that ends in .zip'),
    );
  });

  it('takes the place of nothing', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a.zip');
    await checkNewFile(path, '.zip');
    await writeFile(path, 'mine');
    await expect(checkNewFile(path, '.zip')).rejects.toEqual(
      new FileUnusableError(`there is a file ${path} already; choose another name or remove it`),
    );
    await mkdir(join(folder.path, 'b.zip'));
    await expect(checkNewFile(join(folder.path, 'b.zip'), '.zip')).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
  });
});
