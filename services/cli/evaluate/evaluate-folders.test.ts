import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry, type NiftiGeometry } from '#formats/nifti-geometry.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { declaredDataset } from './declared-labels.ts';
import { evaluateFolders } from './evaluate-folders.ts';

let folder: TemporaryFolder;
let references: string;
let predictions: string;
const notes: string[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  references = join(folder.path, 'labelsTs');
  predictions = join(folder.path, 'predictions');
  for (const path of [references, predictions]) await mkdir(path);
  notes.length = 0;
});
afterEach(() => folder[Symbol.asyncDispose]());

const grid = axisAlignedGeometry(spacingZyx(2, 1, 1));

/** Writes a row of voxels as a label map. */
const put = (path: string, voxels: ArrayLike<number>, geometry: NiftiGeometry = grid) =>
  writeFile(path, writeNifti(Float32Array.from(voxels), shapeZyx(1, 1, voxels.length), geometry));

const evaluate = (labels: number[] | null = null, chill = false) =>
  evaluateFolders({ references, predictions, labels, ignore: null, chill }, (message) => notes.push(message));

describe('evaluateFolders', () => {
  it('pairs files by case, whichever ending they have, and finds the labels itself', async () => {
    await put(join(references, 'b.nii.gz'), [0, 1, 2]);
    await put(join(references, 'a.nii.gz'), [0, 1, 1]);
    await put(join(predictions, 'a.nii.gz'), [0, 0, 1]);
    await put(join(predictions, 'b.nii'), [0, 1, 3]);
    const summary = await evaluate();
    expect(summary.labels).toEqual([1, 2, 3]);
    expect(summary.cases.map(({ predictionFile }) => predictionFile)).toEqual([
      join(predictions, 'a.nii.gz'),
      join(predictions, 'b.nii'),
    ]);
    expect(summary.mean[0]?.dice).toBeCloseTo((2 / 3 + 1) / 2, 12);
    expect(summary.mean[1]?.dice).toBe(0);
  });

  it('evaluates the labels it is told', async () => {
    await put(join(references, 'a.nii.gz'), [0, 1, 2]);
    await put(join(predictions, 'a.nii.gz'), [0, 1, 1]);
    expect((await evaluate([2])).mean.map(({ dice }) => dice)).toEqual([0]);
  });

  it('refuses references without a prediction, unless they may be left out', async () => {
    for (const caseId of ['a', 'b']) await put(join(references, `${caseId}.nii.gz`), [1]);
    await put(join(predictions, 'a.nii.gz'), [1]);
    await expect(evaluate()).rejects.toMatchObject({
      code: 'COUNTERPARTS_MISSING',
      message: expect.stringMatching(/no prediction in .* for b; predict them, or pass --chill/),
    });
    expect((await evaluate(null, true)).cases).toHaveLength(1);
    expect(notes).toEqual(['left out, since there is no prediction: b']);
  });

  it('refuses a prediction without a reference', async () => {
    await put(join(predictions, 'a.nii.gz'), [1]);
    await put(join(references, 'b.nii.gz'), [1]);
    await expect(evaluate()).rejects.toThrow(/no reference in .* for a; no prediction in .* for b; predict them/);
    await expect(evaluate(null, true)).rejects.toThrow(/no reference in .* for a$/);
  });

  it('names empty files before it misses labels', async () => {
    await put(join(references, 'a.nii.gz'), [0]);
    await writeFile(join(predictions, 'a.nii.gz'), '');
    await expect(evaluate()).rejects.toThrow(
      'case a: the prediction is no label map: the file is empty; copy or predict it again',
    );
  });

  it('says which cases have none of the labels in either map', async () => {
    for (const folder of [references, predictions]) {
      await put(join(folder, 'a.nii.gz'), [0]);
      await put(join(folder, 'b.nii.gz'), [1]);
    }
    expect((await evaluate()).foregroundMean.dice).toBe(1);
    expect(notes).toEqual(['case a: neither prediction nor reference has any of the labels; it counts for no mean']);
  });

  it('names every case whose maps do not fit together or cannot be read', async () => {
    await put(join(references, 'a.nii.gz'), [1, 1]);
    await put(join(predictions, 'a.nii.gz'), [1, 1, 1]);
    await put(join(references, 'b.nii.gz'), [1, 0.5]);
    await put(join(predictions, 'b.nii.gz'), [1, 1]);
    await put(join(references, 'c.nii.gz'), [1]);
    await writeFile(join(predictions, 'c.nii.gz'), 'no image');
    await expect(evaluate()).rejects.toMatchObject({
      code: 'DATASET_FAULTY',
      faults: [
        { caseId: 'a', kind: 'shape' },
        { caseId: 'b', message: 'the reference is no label map: expected labels of 0 to 65535, got 0.5' },
        { caseId: 'c', message: expect.stringContaining('the prediction is no label map') },
      ],
    });
  });

  it('compares maps that lie elsewhere in space, and says so', async () => {
    await put(join(references, 'a.nii.gz'), [1], { ...grid, sform: grid.sform.map((v, i) => (i === 3 ? 100 : v)) });
    await put(join(predictions, 'a.nii.gz'), [1]);
    expect((await evaluate()).foregroundMean.dice).toBe(1);
    expect(notes).toEqual([
      'case a: prediction and reference differ in position or orientation; compared voxel by voxel',
    ]);
  });

  it.each([
    { name: 'a folder without label maps', files: [], code: 'FOLDER_UNUSABLE', want: 'there is no image file in' },
    {
      name: 'two files of one case',
      files: ['a.nii', 'a.nii.gz'],
      code: 'FOLDER_UNUSABLE',
      want: 'has two files of a; keep one of each',
    },
    {
      name: 'maps of background only',
      files: ['a.nii.gz'],
      code: 'NO_LABELS',
      want: 'no label but 0 occurs; name some with --labels',
    },
  ])('refuses $name', async ({ files, code, want }) => {
    await put(join(references, 'a.nii.gz'), [0]);
    for (const file of files) await put(join(predictions, file), [0]);
    await expect(evaluate()).rejects.toMatchObject({ code, message: expect.stringContaining(want) });
  });

  it('says which folder is not there', async () => {
    references = join(folder.path, 'nowhere');
    await expect(evaluate()).rejects.toMatchObject({
      code: 'FOLDER_UNUSABLE',
      message: `there is no folder ${references}`,
    });
  });
});

describe('declaredDataset', () => {
  const datasetJson = (label: string) =>
    JSON.stringify({
      channel_names: { 0: 'CT' },
      labels: { background: 0, [label]: 1 },
      numTraining: 1,
      file_ending: '.nii.gz',
    });
  const labelIn = async () => (await declaredDataset([references, predictions]))?.labels[1]?.name;

  it('is the one in the first folder, else beside it, else in the second', async () => {
    expect(await declaredDataset([references, predictions])).toBeNull();
    await writeFile(join(predictions, 'dataset.json'), datasetJson('of-predictions'));
    expect(await labelIn()).toBe('of-predictions');
    await writeFile(join(folder.path, 'dataset.json'), datasetJson('beside'));
    expect(await labelIn()).toBe('beside');
    await writeFile(join(references, 'dataset.json'), datasetJson('of-references'));
    expect(await labelIn()).toBe('of-references');
  });
});
