import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { homeAt } from '../home.ts';
import { findModel } from './find-model.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function modelAt(...path: string[]): Promise<string> {
  const model = join(folder.path, ...path);
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'model.json'), '{}');
  return model;
}

describe('findModel', () => {
  it('finds a published model by its name, and says which version it is', async () => {
    const model = await modelAt('home', 'models', 'phantom');
    const home = homeAt(join(folder.path, 'home'));
    expect(await findModel('phantom', home)).toEqual({ folder: model, version: null });
    await writeFile(`${model}.json`, JSON.stringify({ kind: 'Model', spec: { version: 3 } }));
    expect(await findModel('phantom', home)).toEqual({ folder: model, version: 3 });
  });

  it('names the file when it cannot tell the version from it', async () => {
    const model = await modelAt('home', 'models', 'phantom');
    await writeFile(`${model}.json`, '');
    await expect(findModel('phantom', homeAt(join(folder.path, 'home')))).rejects.toMatchObject({
      code: 'MODEL_UNUSABLE',
      message: expect.stringContaining(`${model}.json`),
    });
  });

  it('takes the path of a model’s folder, in no home at all', async () => {
    const model = await modelAt('elsewhere', 'copy');
    expect(await findModel(model, homeAt(join(folder.path, 'home')))).toEqual({ folder: model, version: null });
  });

  it('says what models there are when it finds none', async () => {
    await modelAt('home', 'models', 'phantom');
    await mkdir(join(folder.path, 'home', 'models', 'phantom.fresh'));
    const home = homeAt(join(folder.path, 'home'));
    await expect(findModel('fantom', home)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(/no model 'fantom'.*; it has phantom$/),
    });
    await expect(findModel('any', homeAt(join(folder.path, 'empty')))).rejects.toThrow(/it has none$/);
  });
});
