import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { namesIn, prepareOutput } from './folder.ts';

it('makes the output folder with those above it, also where it is there already', async () => {
  await using folder = await temporaryFolder();
  const output = join(folder.path, 'a', 'b');
  await prepareOutput(output);
  await prepareOutput(output);
  expect(await namesIn(output)).toEqual([]);
});

it.each(['file', 'file/below', '/proc/none/below'])('refuses %s as an output folder', async (path) => {
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'file'), '');
  const output = path.startsWith('/') ? path : join(folder.path, path);
  await expect(prepareOutput(output)).rejects.toMatchObject({
    code: 'FOLDER_UNUSABLE',
    message: expect.stringContaining(output),
  });
});
