import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetFaultError } from '#core/dataset/integrity.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { listCases } from '#datasets/dataset-layout.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { readPng } from '#formats/png.ts';
import { madeTiff } from '#test/made-tiff.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { FolderUnusableError } from '../folder.ts';
import { CounterpartsMissingError } from '../label-maps/counterparts-missing-error.ts';
import { verifyDataset } from '../verify/verify-dataset.ts';
import { convertPairs, type PairsOptions } from './convert-pairs.ts';

const nifti = (value: number): Uint8Array =>
  writeNifti(new Uint8Array(8).fill(value, 0, 3), shapeZyx(2, 2, 2), axisAlignedGeometry(spacingZyx(1, 1, 1)));
const picture = (channels: 1 | 3, samples: readonly number[]): Promise<Uint8Array> =>
  sharp(Uint8Array.from(samples), { raw: { width: 2, height: 1, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

describe('convertPairs', () => {
  let folder: TemporaryFolder;
  const at = (path: string): string => join(folder.path, path);
  async function put(path: string, bytes: Uint8Array | string): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), bytes);
  }
  const convert = (over: Partial<PairsOptions> = {}) =>
    convertPairs({
      images: at('images'),
      labels: at('labels'),
      name: 'Brains',
      channels: ['MRI'],
      labelNames: ['Cortical gray matter', 'White matter'],
      masks: false,
      out: at('out'),
      ...over,
    });
  const verified = () => verifyDataset(new DatasetFolder(at('out')), () => {});

  beforeEach(async () => {
    folder = await temporaryFolder();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it('copies pairs into a data set that verifies, with labels in the order of their names', async () => {
    for (const id of ['b', 'a']) {
      await put(`images/${id}.nii.gz`, nifti(9));
      await put(`labels/${id}.nii.gz`, nifti(2));
    }
    await put('images/._a.nii.gz', 'leftover');
    await convert();
    const json = JSON.parse(await readFile(at('out/dataset.json'), 'utf8'));
    expect(json).toEqual({
      name: 'Brains',
      channel_names: { 0: 'MRI' },
      labels: { background: 0, 'Cortical gray matter': 1, 'White matter': 2 },
      numTraining: 2,
      file_ending: '.nii.gz',
    });
    const { cases } = await listCases(new DatasetFolder(at('out')));
    expect(cases.map(({ images }) => images)).toEqual([['imagesTr/a_0000.nii.gz'], ['imagesTr/b_0000.nii.gz']]);
    expect(await readFile(at('out/imagesTr/a_0000.nii.gz'))).toEqual(await readFile(at('images/a.nii.gz')));
    expect(await verified()).toMatchObject({ cases: 2, problems: [], faults: [] });
  });

  it('takes the spacing beside a TIFF along', async () => {
    const stack = madeTiff({ width: 2, height: 1, pages: [Uint8Array.of(0, 1), Uint8Array.of(2, 1)] });
    for (const path of ['images/a', 'labels/a']) {
      await put(`${path}.tif`, stack);
      await put(`${path}.json`, '{"spacing": [3, 1, 1]}');
    }
    await convert();
    expect(await verified()).toMatchObject({ cases: 1, problems: [], faults: [], warnings: [] });
  });

  it('makes label maps of masks in colours', async () => {
    await put('images/a.png', await picture(1, [7, 8]));
    await put('labels/a.png', await picture(3, [0, 0, 255, 0, 255, 0]));
    await convert({ masks: true, labelNames: ['red', 'green', 'blue'] });
    expect([...(await readPng(await readFile(at('out/labelsTr/a.png')))).data]).toEqual([3, 2]);
    expect(await verified()).toMatchObject({ cases: 1, problems: [], faults: [] });
  });

  it('names every case whose masks overlap or are not one per label, and leaves no dataset.json', async () => {
    for (const id of ['a', 'b']) await put(`images/${id}.png`, await picture(1, [7, 8]));
    await put('labels/a.png', await picture(3, [255, 255, 0, 0, 0, 0]));
    await put('labels/b.png', await picture(1, [1, 0]));
    const converting = convert({ masks: true, labelNames: ['red', 'green', 'blue'] });
    await expect(converting).rejects.toThrow(DatasetFaultError);
    await expect(converting).rejects.toThrow(
      'case a: its masks overlap, so that a voxel would have two labels; ' +
        'case b: it has 1 mask, expected one for each of 3 labels',
    );
    await expect(readFile(at('out/dataset.json'))).rejects.toThrow('ENOENT');
  });

  it('names what is missing on both sides', async () => {
    for (const path of ['images/a', 'images/b', 'labels/b', 'labels/c']) await put(`${path}.nii`, 'x');
    const converting = convert();
    await expect(converting).rejects.toThrow(CounterpartsMissingError);
    await expect(converting).rejects.toThrow(/no label in .*labels for a; no image in .*images for c; names must be/);
  });

  it.each([
    { name: 'files of two formats', files: ['images/a.nii', 'labels/a.png'], want: 'the files end in .nii, .png' },
    { name: 'no image at all', files: ['images/notes.txt', 'labels/notes.txt'], want: 'there is no image file in' },
    { name: 'a target in use', files: ['images/a.nii', 'labels/a.nii', 'out/x'], want: 'is not empty' },
    { name: 'no labels', files: ['images/a.nii'], want: 'there is no folder' },
  ])('refuses $name', async ({ files, want }) => {
    for (const file of files) await put(file, 'x');
    await expect(convert()).rejects.toThrow(want);
  });

  it.each([
    { name: 'one folder for images and labels', over: () => ({ labels: at('images/.') }), want: 'are the same folder' },
    { name: 'a target in the images', over: () => ({ out: at('images/new') }), want: 'lies in the folder of --images' },
    { name: 'a target in the labels', over: () => ({ out: at('labels/x/y') }), want: 'lies in the folder of --labels' },
    { name: 'a target in a link to the images', over: () => ({ out: at('link/new') }), want: 'folder of --images' },
  ])('refuses $name, and makes nothing', async ({ over, want }) => {
    for (const path of ['images/a.nii.gz', 'labels/a.nii.gz']) await put(path, nifti(1));
    await symlink(at('images'), at('link'));
    const before = await readdir(folder.path, { recursive: true });
    const converting = convert(over());
    await expect(converting).rejects.toThrow(FolderUnusableError);
    await expect(converting).rejects.toThrow(want);
    expect(await readdir(folder.path, { recursive: true })).toEqual(before);
  });

  it('refuses two labels of one name, and the name of the background', async () => {
    await expect(convert({ labelNames: ['x', 'x'] })).rejects.toThrow(
      'expected a name of its own for each label, got background, x, x',
    );
    await expect(convert({ labelNames: ['background'] })).rejects.toMatchObject({ code: 'DATASET_INVALID' });
  });
});
