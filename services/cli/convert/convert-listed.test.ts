import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { gunzip, gzip } from '#formats/gzip.ts';
import { readNifti, writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { verifyDataset } from '../verify/verify-dataset.ts';
import { convertListed } from './convert-listed.ts';

const geometry = axisAlignedGeometry(spacingZyx(3, 1, 1));
const volume = (...values: readonly number[]): Uint8Array =>
  writeNifti(
    Int16Array.from({ length: 4 }, (_, i) => values[i] ?? 0),
    shapeZyx(1, 2, 2),
    geometry,
  );

/** Two volumes along a fourth axis. */
function twoVolumes(first: number, second: number): Uint8Array {
  const flat = gunzip(writeNifti(Int16Array.of(first, 0, 0, 0, second, 0, 0, 0), shapeZyx(2, 2, 2), geometry));
  const file = Uint8Array.from(flat);
  const header = new DataView(file.buffer);
  for (const [i, n] of [4, 2, 2, 1, 2].entries()) header.setInt16(40 + 2 * i, n, true);
  return gzip(file);
}

describe('convertListed', () => {
  let folder: TemporaryFolder;
  const at = (path: string): string => join(folder.path, path);
  async function put(path: string, bytes: Uint8Array | string): Promise<void> {
    await mkdir(dirname(at(path)), { recursive: true });
    await writeFile(at(path), bytes);
  }
  const putJson = (...ids: readonly string[]) =>
    put(
      'task/dataset.json',
      JSON.stringify({
        name: 'Two',
        modality: { 0: 'T1', 1: 'T2' },
        labels: { 0: 'background', 1: 'lesion' },
        numTraining: ids.length,
        training: ids.map((id) => ({ image: `./imagesTr/${id}.nii.gz`, label: `./labelsTr/${id}.nii.gz` })),
      }),
    );
  const verified = () => verifyDataset(new DatasetFolder(at('out')), () => {});

  beforeEach(async () => {
    folder = await temporaryFolder();
    await putJson('a');
    await put('task/labelsTr/a.nii.gz', volume(1));
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  it('splits the 4D images of MSD into channels, type and header unchanged', async () => {
    await put('task/imagesTr/a.nii.gz', twoVolumes(-5, 7));
    await put('task/imagesTs/t.nii.gz', twoVolumes(1, 2));
    await put('task/imagesTs/._t.nii.gz', 'leftover');
    await convertListed(at('task'), at('out'), 'msd');
    const [first, second] = await Promise.all(
      ['a_0000', 'a_0001'].map(async (stem) => readNifti(await readFile(at(`out/imagesTr/${stem}.nii.gz`)))),
    );
    expect([first?.channels, ...(first?.shape ?? [])]).toEqual([1, 1, 2, 2]);
    expect(first?.geometry.pixdim).toEqual(geometry.pixdim);
    expect([first?.data[0], second?.data[0]]).toEqual([-5, 7]);
    expect(gunzip(await readFile(at('out/imagesTr/a_0001.nii.gz')))).toEqual(gunzip(volume(7)));
    expect(await readdir(at('out/imagesTs'))).toEqual(['t_0000.nii.gz', 't_0001.nii.gz']);
    expect(await verified()).toMatchObject({ name: 'Two', cases: 1, problems: [], faults: [] });
  });

  it('takes the channel files of nnU-Net v1 as they are', async () => {
    for (const stem of ['imagesTr/a_0000', 'imagesTr/a_0001', 'imagesTs/t_0000', 'labelsTs/t'])
      await put(`task/${stem}.nii.gz`, volume(3));
    await convertListed(at('task'), at('out'), 'v1');
    expect((await readdir(at('out'), { recursive: true })).filter((name) => name.includes('.')).sort()).toEqual([
      'dataset.json',
      'imagesTr/a_0000.nii.gz',
      'imagesTr/a_0001.nii.gz',
      'imagesTs/t_0000.nii.gz',
      'labelsTr/a.nii.gz',
      'labelsTs/t.nii.gz',
    ]);
    expect(await verified()).toMatchObject({ cases: 1, problems: [], faults: [] });
  });

  it.each([
    {
      name: 'an image with too few volumes',
      image: volume(1),
      want: 'case a has 1 volume, dataset.json names 2 channels',
    },
    {
      name: 'a truncated image',
      image: twoVolumes(1, 2).subarray(0, -9),
      want: 'case a: its image cannot be read: the gzip',
    },
  ])('refuses $name', async ({ image, want }) => {
    await put('task/imagesTr/a.nii.gz', image);
    await expect(convertListed(at('task'), at('out'), 'msd')).rejects.toThrow(want);
  });

  it('refuses a list with files that are not there', async () => {
    await putJson('a', 'b');
    await expect(convertListed(at('task'), at('out'), 'msd')).rejects.toThrow(
      'case a: an image that dataset.json lists is missing; case b: an image that dataset.json lists is missing',
    );
  });
});
