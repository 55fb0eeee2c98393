import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { type Afterwards, type TrainedFold, trainedFold, trainedText } from './trained-fold.ts';

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

test.each([
  { name: 'three voxels of four', prediction: [1, 1, 1, 0], reference: [1, 1, 1, 1], want: 6 / 7 },
  { name: 'nothing where nothing is', prediction: [0, 0, 0, 0], reference: [0, 0, 0, 0], want: null },
])('reads the validation Dice of $name as $want', async ({ prediction, reference, want }) => {
  const validation = join(folder.path, '2d', 'fold_0', 'validation');
  await mkdir(validation, { recursive: true });
  const metrics = evaluateCase(prediction, reference, [1]);
  const summary = formatSummary(summarize([1], [{ predictionFile: 'a', referenceFile: 'a', metrics }]));
  await writeFile(join(validation, 'summary.json'), summary);
  expect(await trainedFold({ taskFolder: folder.path }, { configuration: '2d', fold: 0 })).toEqual({
    configuration: '2d',
    fold: 0,
    meanDice: want,
    folder: join(folder.path, '2d', 'fold_0'),
    weights: join(folder.path, '2d', 'fold_0', 'final.safetensors'),
    summary: join(validation, 'summary.json'),
  });
});

const TRAINED: TrainedFold = {
  configuration: '2d',
  fold: 0,
  meanDice: 0.75,
  folder: '/f',
  weights: '/f/final.safetensors',
  summary: '/f/validation/summary.json',
};

/** Trainings by configuration and fold, and whether they are done. */
const outcomeWith = (...trainings: [string, number | 'all', boolean][]): Afterwards => ({
  homeArgument: ' --home h',
  snapshot: {
    steps: trainings.map(([configuration, fold, done]) => ({
      kind: 'train',
      configuration,
      fold,
      state: done ? 'done' : 'blocked',
    })),
  },
});

test('says the Dice, where the weights lie, and the next fold', () => {
  const outcome = outcomeWith(['2d', 0, true], ['2d', 1, false], ['3d_fullres', 0, false]);
  expect(trainedText(TRAINED, 'My data', outcome)).toBe(
    'Mean validation Dice of fold 0: 0.7500\n  by label: /f/validation/summary.json\nWeights: /f/final.safetensors\n' +
      "Next: pentafold train 'My data' 2d 1 --home h\n",
  );
});

test.each([
  { trainings: outcomeWith(['2d', 0, true]), want: 'find-best-configuration D --home h\n' },
  {
    trainings: outcomeWith(['2d', 0, true], ['3d_fullres', 0, false]),
    want: 'find-best-configuration D -c 2d --home h\n',
  },
])('after the last fold of a configuration: $want', ({ trainings, want }) => {
  expect(trainedText(TRAINED, 'D', trainings)).toContain(`Next: pentafold ${want}`);
});

test('does not call the score of a training on every case held out', () => {
  const text = trainedText({ ...TRAINED, fold: 'all' }, 'D', outcomeWith(['2d', 'all', true]));
  expect(text).toContain('Mean validation Dice of the cases it was trained on, so nothing is held out: 0.7500');
  expect(text).toContain('find-best-configuration D -f all');
});

test('says which summary is damaged, and where', async () => {
  const validation = join(folder.path, '2d', 'fold_0', 'validation');
  await mkdir(validation, { recursive: true });
  await writeFile(join(validation, 'summary.json'), '{"mean": {}}');
  await expect(trainedFold({ taskFolder: folder.path }, { configuration: '2d', fold: 0 })).rejects.toMatchObject({
    code: 'FILE_UNUSABLE',
    message: expect.stringMatching(/summary\.json is no summary\.json: .*metric_per_case/s),
  });
});
