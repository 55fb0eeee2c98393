// Data sets as people hand them in, on a real disk: a sound one, and one for each way of being broken. What is refused
// is refused by name, before any training.

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { caseFaults, DatasetFaultError } from '#core/dataset/integrity.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { listCases } from '#datasets/dataset-layout.ts';
import { readCase } from '#datasets/read-case.ts';
import { gunzip, gzip } from '#formats/gzip.ts';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';

const shape = shapeZyx(3, 4, 5);
const image = (value = 1, spacing = spacingZyx(2, 1, 1), of = shape): Uint8Array =>
  writeNifti(new Float32Array(of[0] * of[1] * of[2]).fill(value), of, axisAlignedGeometry(spacing));
const label = (value: number): Uint8Array =>
  writeNifti(new Uint8Array(60).fill(value, 0, 9), shape, axisAlignedGeometry(spacingZyx(2, 1, 1)));

/** The image with its header changed in place. */
function withHeader(change: (header: DataView) => void): Uint8Array {
  const file = Uint8Array.from(gunzip(image()));
  change(new DataView(file.buffer));
  return gzip(file);
}

describe('a data set on disk', () => {
  let folder: TemporaryFolder;
  const put = async (path: string, bytes: Uint8Array | string): Promise<void> => {
    await mkdir(dirname(join(folder.path, path)), { recursive: true });
    await writeFile(join(folder.path, path), bytes);
  };

  beforeEach(async () => {
    folder = await temporaryFolder();
    await put('dataset.json', datasetJson());
    for (const id of ['a', 'b']) {
      await put(`imagesTr/${id}_0000.nii.gz`, image(1));
      await put(`imagesTr/${id}_0001.nii.gz`, image(2));
      await put(`labelsTr/${id}.nii.gz`, label(1));
    }
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const datasetJson = (over: object = {}): string =>
    JSON.stringify({
      name: 'Tiny',
      channel_names: { 0: 'T1', 1: 'T2' },
      labels: { background: 0, lesion: 1 },
      numTraining: 2,
      file_ending: '.nii.gz',
      ...over,
    });

  /** What ingest does with every case: read it, then look at its voxels. */
  async function check(): Promise<number> {
    const store = new DirectoryObjectStore(folder.path);
    const { cases, description } = await listCases(store);
    for (const files of cases) {
      const raw = await readCase(store, files, description);
      const faults = caseFaults(raw.caseId, raw.image, raw.label, description);
      if (faults.length > 0) throw new DatasetFaultError(faults);
    }
    return cases.length;
  }

  it('passes when it is sound', async () => {
    await expect(check()).resolves.toBe(2);
  });

  it('passes with the leftovers of macOS beside its files', async () => {
    await put('imagesTr/._a_0000.nii.gz', 'no image');
    await put('labelsTr/.DS_Store', 'no label');
    await expect(check()).resolves.toBe(2);
  });

  const broken: {
    name: string;
    by: () => Promise<void>;
    want: typeof DatasetFaultError | typeof InvalidDatasetError;
    message: string;
  }[] = [
    {
      name: 'a truncated gz',
      by: () => put('imagesTr/b_0001.nii.gz', image().subarray(0, -12)),
      want: DatasetFaultError,
      message: 'case b: channel 1 cannot be read: the gzip stream ends early',
    },
    {
      name: 'a file cut among its voxels before it was compressed',
      by: () => put('imagesTr/b_0001.nii.gz', gzip(gunzip(image()).subarray(0, 400))),
      want: DatasetFaultError,
      message: 'case b: channel 1 cannot be read: expected 240 bytes of voxels, the file holds 48',
    },
    {
      name: 'voxels that are NaN',
      by: () => put('imagesTr/a_0000.nii.gz', image(Number.NaN)),
      want: DatasetFaultError,
      message: 'case a: channel 0 is NaN, infinite or too large for float32 in 60 voxels',
    },
    {
      name: 'a label outside dataset.json',
      by: () => put('labelsTr/b.nii.gz', label(7)),
      want: DatasetFaultError,
      message: 'case b: label 7 is not in dataset.json, which declares 0, 1',
    },
    {
      name: 'channels on different grids',
      by: () => put('imagesTr/a_0001.nii.gz', image(1, spacingZyx(2, 1, 1.5))),
      want: DatasetFaultError,
      message: 'case a: channel 1 has spacing 2 x 1 x 1.5 mm (z, y, x), channel 0 2 x 1 x 1',
    },
    {
      name: 'a label of another extent than its image',
      by: () => put('labelsTr/a.nii.gz', image(1, spacingZyx(2, 1, 1), shapeZyx(3, 4, 4))),
      want: DatasetFaultError,
      message: 'case a: the label is 3 x 4 x 4 voxels (z, y, x), channel 0 3 x 4 x 5',
    },
    {
      name: 'a missing channel',
      by: () => rm(join(folder.path, 'imagesTr/b_0001.nii.gz')),
      want: InvalidDatasetError,
      message: 'case b lacks channel 1',
    },
    {
      name: 'a case that stands twice',
      by: () => put('imagesTr/a_0000.nii', gunzip(image())),
      want: InvalidDatasetError,
      message: 'case a stands twice: channel 0000 has two files',
    },
    {
      name: 'an image without voxels',
      by: async () =>
        put(
          'imagesTr/a_0000.nii.gz',
          withHeader((header) => header.setInt16(42, 0, true)),
        ),
      want: DatasetFaultError,
      message: 'case a: channel 0 cannot be read: the image has no voxels: shape 0 x 4 x 3 x 1',
    },
    {
      name: 'a 4D image where a channel should be 3D',
      by: async () =>
        put(
          'imagesTr/a_0000.nii.gz',
          withHeader((header) => {
            for (const [i, n] of [4, 5, 4, 1, 3].entries()) header.setInt16(40 + 2 * i, n, true);
          }),
        ),
      want: DatasetFaultError,
      message: 'case a: channel 0 has 3 channels of its own, expected one',
    },
    {
      name: 'another number of cases than numTraining',
      by: () => put('dataset.json', datasetJson({ numTraining: 3 })),
      want: InvalidDatasetError,
      message: 'dataset.json says numTraining 3, found 2 cases',
    },
    {
      name: 'a missing label file',
      by: () => rm(join(folder.path, 'labelsTr/b.nii.gz')),
      want: InvalidDatasetError,
      message: 'case b has no label in labelsTr',
    },
    {
      name: 'a dataset.json that is no JSON',
      by: () => put('dataset.json', '{'),
      want: InvalidDatasetError,
      message: 'dataset.json: not valid JSON',
    },
  ];
  it.each(broken)('is refused for $name', async ({ by, want, message }) => {
    await by();
    const checked = check();
    await expect(checked).rejects.toThrow(want);
    await expect(checked).rejects.toThrow(message);
  });
});
