import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { aModel } from '#test/a-model.ts';
import { anEpoch } from '#test/an-epoch.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import type { TestFolders } from './test-cases.ts';
import { writeReport } from './write-report.ts';

let folder: TemporaryFolder;
let test: TestFolders;
const at = (...path: string[]): string => join(folder.path, ...path);

async function put(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(at(path)), { recursive: true });
  await writeFile(at(path), content);
}

const RANKING = [
  { members: ['3d_fullres'], voting: 'soft', meanDice: 0.9 },
  { members: ['2d'], voting: 'soft', meanDice: null },
];

/** What a finished Task `blobs` leaves, and one test case `c`. */
beforeEach(async () => {
  folder = await temporaryFolder();
  test = { images: at('imagesTs'), references: at('labelsTs'), predictions: at('predictions') };
  const model = aModel();
  for (const name of ['plans.json', 'dataset.json']) await put(`blobs/${name}`, model.get(name) ?? '');
  await put('blobs/splits_final.json', '[{}]');
  await put('blobs/ranking.json', JSON.stringify(RANKING));
  const epochs = [0, 1, 2].map((epoch) => anEpoch({ epoch, trainLoss: 1 / (epoch + 1) }));
  for (const name of ['2d', '3d_fullres'])
    await put(`blobs/${name}/fold_0/metrics.jsonl`, epochs.map((epoch) => `${JSON.stringify(epoch)}\n`).join(''));
  const voxels = (value: number) =>
    writeNifti(Float32Array.of(0, value, value, 0), shapeZyx(1, 2, 2), axisAlignedGeometry(spacingZyx(1, 1, 1)));
  await put('imagesTs/c_0000.nii.gz', voxels(50));
  await put('labelsTs/c.nii.gz', voxels(1));
  await put('predictions/c.nii.gz', voxels(1));
  const scored = evaluateCase([0, 1, 1, 1, 1], [0, 0, 1, 1, 1], [1]); // Dice 6/7
  const cases = [{ predictionFile: 'far/away/c.nii.gz', referenceFile: 'c.nii.gz', metrics: scored }];
  await put('predictions/summary.json', formatSummary(summarize([1], cases)));
});
afterEach(() => folder[Symbol.asyncDispose]());

const write = (folders: TestFolders | null = test) =>
  writeReport({ title: 'Task blobs', taskFolder: at('blobs'), test: folders, seconds: 90, output: at('report') });

describe('writeReport', () => {
  it('shows what was scored of what is planned', async () => {
    await put('blobs/ranking.json', JSON.stringify(RANKING.slice(1)));
    await rm(at('blobs/3d_fullres'), { recursive: true });
    await expect(write()).resolves.toMatchObject({ best: { members: ['2d'] } });
  });

  it('shows the one training of a Task without folds', async () => {
    for (const name of ['2d', '3d_fullres']) await rename(at(`blobs/${name}/fold_0`), at(`blobs/${name}/fold_all`));
    await write();
    expect(await readFile(at('report', 'index.html'), 'utf8')).toContain('fold all');
  });

  it('leaves the numbers for scripts in summary.json', async () => {
    const summary = { testDice: 6 / 7, ranking: RANKING, best: RANKING[0], seconds: 90 };
    expect(await write()).toEqual(summary);
    expect(JSON.parse(await readFile(at('report', 'summary.json'), 'utf8'))).toEqual(summary);
  });

  it('draws a self-contained page: legend of the labels, epochs from 1, a network per configuration', async () => {
    await write();
    const page = await readFile(at('report', 'index.html'), 'utf8');
    expect(page).toContain('<i style="background:rgb(255 176 0)"></i>blob');
    expect(page).toMatch(/<text [^>]*>1<\/text>\n<text [^>]*>2<\/text>\n<text [^>]*>3<\/text>\n<text [^>]*>epoch</);
    expect(page.match(/segmentation head/g)).toHaveLength(2);
    expect(page).toMatch(/src="data:image\/png;base64,/);
    expect(page.replaceAll(/http:\/\/www.w3.org\/[\w/]+/g, '')).not.toContain('http');
  });

  it('leaves out the test cases when there are none', async () => {
    expect((await write(null)).testDice).toBeNull();
    expect(await readFile(at('report', 'index.html'), 'utf8')).not.toContain('Test cases');
  });

  it.each([
    { missing: 'blobs/ranking.json', want: /^Task blobs is not finished: it has no ranking.json yet/ },
    { missing: 'blobs/2d/fold_0/metrics.jsonl', want: /it has no 2d\/fold_0\/metrics.jsonl yet/ },
    {
      missing: 'predictions/summary.json',
      want: /^there is no summary.json in .*; run pentafold evaluate on it first$/,
    },
    { missing: 'labelsTs/c.nii.gz', want: /^there is no file of case c in .*labelsTs$/ },
  ])('says that $missing is missing, and what to do', async ({ missing, want }) => {
    await rm(at(missing));
    await expect(write()).rejects.toThrow(want);
  });
});
