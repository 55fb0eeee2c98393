import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveDatasetUri } from './dataset-uri.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentafold-dataset-'));
  await mkdir(join(folder, 'my data'));
  await writeFile(join(folder, 'file'), '');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const resolved = (uri: string) => resolveDatasetUri(uri, join(folder, 'task.yaml'));

describe('resolveDatasetUri', () => {
  test.each(['my data', './my data', 'file:my%20data', 'file:./my data', '../{folder}/my data', '{absolute}', '{uri}'])(
    '%s is the folder beside the Task',
    async (written) => {
      const absolute = join(folder, 'my data');
      const uri = written
        .replace('{folder}', folder.split('/').at(-1) ?? '')
        .replace('{absolute}', absolute)
        .replace('{uri}', pathToFileURL(absolute).href);
      expect(await resolved(uri)).toBe(pathToFileURL(absolute).href);
    },
  );

  test.each(['nowhere', 'file'])('%s is refused: no folder', async (uri) => {
    await expect(resolved(uri)).rejects.toThrow(`expected a folder, but there is none at ${join(folder, uri)}`);
  });

  test.each(['s3://bucket/set', 'file://other-machine/set', 'https://example.org/set'])(
    '%s is refused: not on this machine',
    async (uri) => {
      await expect(resolved(uri)).rejects.toThrow('is not on this machine');
      await expect(resolved(uri)).rejects.toMatchObject({ code: 'DATASET_NOT_FOUND' });
    },
  );
});
