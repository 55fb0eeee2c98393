import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Task, TaskSpec } from '#api/v1alpha1/kinds.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { aTask } from '#test/observed-task.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { datasetTask, nameOf, nothingToGoOnFrom } from './dataset-task.ts';

let folder: TemporaryFolder;
let dataset: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  dataset = join(folder.path, 'Dataset004_Hippocampus');
  await mkdir(dataset);
  await writeFile(join(dataset, 'dataset.json'), '{}');
});
afterEach(() => folder[Symbol.asyncDispose]());

const knowing = (...tasks: Task[]): TaskStore => ({ list: async () => tasks }) as TaskStore;

function known(spec: Partial<TaskSpec> | Record<string, unknown> = {}): Task {
  const task = aTask({ spec });
  return { ...task, metadata: { ...task.metadata, name: 'dataset004-hippocampus' } };
}

describe('datasetTask', () => {
  test('of a folder that the home does not know has the defaults', async () => {
    const task = await datasetTask(knowing(), dataset, {});
    expect(task.metadata.name).toBe('dataset004-hippocampus');
    expect(task.spec.dataset.uri).toBe(pathToFileURL(dataset).href);
    expect(task.spec).toMatchObject({ folds: 5, planner: { name: 'default' }, training: { epochs: 1000 } });
    expect(task.spec.configurations).toBeUndefined();
  });

  test.each(['4', '004', 'Dataset004_Hippocampus', 'dataset004-hippocampus'])('is found again as %s', async (name) => {
    const task = await datasetTask(knowing(known({ training: { epochs: 3 } })), name, {});
    expect(task.spec.training.epochs).toBe(3);
    expect(task.spec.dataset.uri).toBe('/data');
  });

  test('keeps what the home knows and changes what is asked for', async () => {
    const before = known({ planner: { name: 'resenc-m', gpuMemoryTarget: '8Gi' }, training: { epochs: 3, seed: 7 } });
    const task = await datasetTask(knowing(before), dataset, {
      planner: { gpuMemoryTarget: '24Gi' },
      training: { epochs: 5 },
    });
    expect(task.spec.planner).toMatchObject({ name: 'resenc-m', gpuMemoryTarget: '24Gi' });
    expect(task.spec.training).toMatchObject({ epochs: 5, seed: 7 });
    expect(task.spec.configurations).toEqual(['2d']);
  });

  const schedule = { training: { epochs: 100, continueFrom: [50] } };
  test.each([
    { asked: {}, want: { epochs: 100, continueFrom: [50] } },
    { asked: { training: { epochs: 100 } }, want: { epochs: 100, continueFrom: [50] } },
    { asked: { training: { epochs: 200 } }, want: { epochs: 200, continueFrom: [] } },
    { asked: { training: { epochs: 200 }, goOn: true }, want: { epochs: 200, continueFrom: [50, 100] } },
    { asked: { training: { epochs: 60 }, goOn: true }, want: { epochs: 60, continueFrom: [50] } },
    { asked: { training: { epochs: 50 }, goOn: true }, want: { epochs: 50, continueFrom: [] } },
  ])('asked for $asked after $schedule goes on from $want', async ({ asked, want }) => {
    expect((await datasetTask(knowing(known(schedule)), dataset, asked)).spec.training).toMatchObject(want);
  });

  test.each([
    { asked: { training: { epochs: 200 }, goOn: true }, note: null },
    { asked: { training: { epochs: 40 } }, note: null },
    { asked: { goOn: true }, note: null },
    { asked: { training: { epochs: 40 }, goOn: true }, note: expect.stringContaining('fewer than 40 epochs') },
  ])('a person who asked for $asked is told $note', async ({ asked, note }) => {
    expect(nothingToGoOnFrom(asked, await datasetTask(knowing(known(schedule)), dataset, asked))).toEqual(note);
  });

  test('has nothing to go on from when the home does not know it', async () => {
    const { spec } = await datasetTask(knowing(), dataset, { training: { epochs: 20 }, goOn: true });
    expect(spec.training).toMatchObject({ epochs: 20, continueFrom: [] });
  });

  test('starts from pretrained weights, configuration by configuration, until told otherwise', async () => {
    const uri = (path: string) => pathToFileURL(path).href;
    const weightsAfter = async (before: Record<string, string>, pretrainedWeights: Record<string, string | null>) =>
      (await datasetTask(knowing(known({ training: { pretrainedWeights: before } })), dataset, { pretrainedWeights }))
        .spec.training.pretrainedWeights;
    expect(await weightsAfter({}, { '2d': 'a.pth' })).toEqual({ '2d': uri('a.pth') });
    const both = { '2d': uri('/a'), '3d_fullres': uri('/b') };
    expect(await weightsAfter(both, {})).toEqual(both);
    expect(await weightsAfter(both, { '3d_fullres': null })).toEqual({ '2d': uri('/a') });
  });

  test('can leave the configurations to the plans again, and go from one training back to folds', async () => {
    const before = knowing(known({ folds: 'all' }));
    expect((await datasetTask(before, dataset, { configurations: 'all' })).spec.configurations).toBeUndefined();
    expect((await datasetTask(before, dataset, {})).spec.folds).toBe('all');
    expect((await datasetTask(before, dataset, { folds: 'numbered' })).spec.folds).toBe(5);
    expect((await datasetTask(knowing(known({ folds: 3 })), dataset, { folds: 'numbered' })).spec.folds).toBe(3);
  });

  test('refuses what is neither a folder nor known', async () => {
    await expect(datasetTask(knowing(), 'nowhere', {})).rejects.toMatchObject({ code: 'DATASET_UNKNOWN' });
    await expect(datasetTask(knowing(known()), '5', {})).rejects.toThrow('knows only dataset004-hippocampus');
  });
});

test.each([
  { folder: '/data/Dataset004_Hippocampus', want: 'dataset004-hippocampus' },
  { folder: 'Task04 (MSD)', want: 'task04-msd' },
  { folder: '___', want: 'dataset' },
])('$folder is the Task $want', ({ folder, want }) => {
  expect(nameOf(folder)).toBe(want);
});
