import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { temporaryFolder } from '#test/temporary-folder.ts';
import { readTaskFile } from './task-file.ts';

test.each<{ readonly name: string; readonly make: (path: string) => Promise<unknown>; readonly want: string }>([
  { name: 'a file that is not there', make: async () => {}, want: 'it is not there' },
  { name: 'a folder', make: (path) => mkdir(path), want: 'it is a folder' },
  { name: 'a compressed file', make: (path) => writeFile(path, gzipSync('kind: Task')), want: 'it is not text' },
  { name: 'a huge file', make: (path) => writeFile(path, 'n'.repeat(2 ** 20 + 1)), want: 'it has more than 1 MiB' },
  { name: 'a file with zero bytes', make: (path) => writeFile(path, 'n+1\0'), want: 'it is not text' },
])('$name is refused as a Task file', async ({ make, want }) => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'task.yaml');
  await make(path);
  await expect(readTaskFile(path, null)).rejects.toMatchObject({
    code: 'TASK_FILE_NOT_READABLE',
    message: `cannot read the Task file ${path}: ${want}`,
  });
});

const withWeights = (uri: string): string => `
apiVersion: pentafold.io/v1alpha1
kind: Task
metadata: { name: fine }
spec:
  dataset: { uri: . }
  training:
    pretrainedWeights: { 2d: '${uri}' }
`;

test('pretrained weights lie where the Task file says, seen from it', async () => {
  await using folder = await temporaryFolder();
  const path = join(folder.path, 'task.yaml');
  await writeFile(path, withWeights('models/a.pth'));
  const { training } = (await readTaskFile(path, null)).spec;
  expect(training.pretrainedWeights).toEqual({ '2d': pathToFileURL(join(folder.path, 'models/a.pth')).href });
  await writeFile(path, withWeights('s3://bucket/a.pth'));
  await expect(readTaskFile(path, null)).rejects.toMatchObject({
    code: 'PRETRAINED_WEIGHTS_UNUSABLE',
    message: expect.stringContaining("spec.training.pretrainedWeights.2d: 's3://bucket/a.pth' is not on this machine"),
  });
});
