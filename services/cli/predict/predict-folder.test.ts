import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shapeNet, shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { readNifti, writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { readNpz } from '#test/npy.ts';
import { type TemporaryFolder, temporaryFolder } from '#test/temporary-folder.ts';
import { readInputFolder } from './input-folder.ts';
import { type CasePredictor, type PredictionListener, predictFolder } from './predict-folder.ts';

let folder: TemporaryFolder;
let input: string;
let output: string;
const notes: string[] = [];
beforeEach(async () => {
  folder = await temporaryFolder();
  input = join(folder.path, 'imagesTs');
  output = join(folder.path, 'predictions');
  await mkdir(input);
  notes.length = 0;
});
afterEach(() => folder[Symbol.asyncDispose]());

const grid = { ...axisAlignedGeometry(spacingZyx(3, 1, 2)), qformOffset: [7, 8, 9] };

const put = (name: string, voxels: ArrayLike<number>) =>
  writeFile(join(input, name), writeNifti(Float32Array.from(voxels), shapeZyx(1, 1, voxels.length), grid));

/** Calls every voxel above 5 foreground. */
const thresholding: CasePredictor = {
  model: {
    dataset: {
      name: 'phantom',
      channelNames: ['MRI'],
      labels: [
        { name: 'background', value: 0 },
        { name: 'blob', value: 1 },
      ],
      fileEnding: '.nii.gz',
      numTraining: 1,
    },
    plans: { originalMedianShape: shapeNet(1, 4, 4), configurations: [] },
    inference: { members: [] },
  },
  async predict({ image }, { probabilities }) {
    const segmentation = Uint8Array.from(image.data, (value) => Number(value > 5));
    const both = [...Array.from(segmentation, (label) => 1 - label), ...segmentation];
    return { shape: image.shape, segmentation, probabilities: probabilities ? Float32Array.from(both) : null };
  },
};

const listener: PredictionListener = {
  note: (message) => notes.push(message),
  began() {},
  networkDone() {},
  ended() {},
};

const predict = async (saveProbabilities = false, continues = false, predictor: CasePredictor = thresholding) =>
  predictFolder(
    predictor,
    await readInputFolder({ input, output }, 1),
    { input, output, saveProbabilities, continues },
    listener,
  );

describe('predictFolder', () => {
  it('writes each case as uint8 on the grid of its image', async () => {
    await put('a_0000.nii.gz', [1, 9, 9]);
    expect(await predict()).toMatchObject([{ kind: 'predicted', caseId: 'a', file: join(output, 'a.nii.gz') }]);
    const { data, geometry } = readNifti(await readFile(join(output, 'a.nii.gz')));
    expect([...data]).toEqual([0, 1, 1]);
    expect(geometry).toEqual(grid);
    expect(await readdir(output)).toEqual(['a.nii.gz']);
    expect(notes).toEqual([]);
  });

  it('writes probabilities beside it when asked, as nnU-Net names and orders them', async () => {
    await put('a_0000.nii.gz', [1, 9]);
    await predict(true);
    const array = readNpz(await readFile(join(output, 'a.npz'))).get('probabilities');
    expect(array).toMatchObject({ shape: [2, 1, 1, 2], dtype: '<f4', data: Float32Array.of(1, 0, 0, 1) });
  });

  it('leaves no probabilities of an earlier prediction beside a new label map', async () => {
    await put('a_0000.nii.gz', [1, 9]);
    await predict(true);
    await predict();
    expect(await readdir(output)).toEqual(['a.nii.gz']);
  });

  it('keeps no result of an earlier prediction when it begins anew and a case fails', async () => {
    await put('a_0000.nii.gz', [1, 9]);
    await predict(true);
    await put('a_0000.nii.gz', [Number.NaN]);
    expect(await predict()).toMatchObject([{ kind: 'failed', caseId: 'a' }]);
    expect(await readdir(output)).toEqual([]);
  });

  it('refuses a pipe by its case instead of waiting for it', async () => {
    await promisify(execFile)('mkfifo', [join(input, 'a_0000.nii.gz')]);
    await put('b_0000.nii.gz', [9]);
    expect(await predict()).toMatchObject([
      { kind: 'failed', caseId: 'a', message: `${join(input, 'a_0000.nii.gz')} is no regular file` },
      { kind: 'predicted', caseId: 'b' },
    ]);
  });

  it('names every case at fault and does the others', async () => {
    await put('a_0000.nii.gz', [1, 9]);
    await put('b_0000.nii.gz', [1, Number.NaN]);
    await writeFile(join(input, 'c_0000.nii.gz'), 'no image');
    await put('d_0000.nii.gz', [9]);
    await put('d.nii.gz', [9]);
    const outcomes = await predict();
    expect(outcomes.filter(({ kind }) => kind === 'failed')).toEqual([
      { kind: 'failed', caseId: 'd', message: expect.stringContaining('found a file without a number, 0000') },
      { kind: 'failed', caseId: 'b', message: 'channel 0 is NaN, infinite or too large for float32 in 1 voxel' },
      { kind: 'failed', caseId: 'c', message: expect.stringContaining('the image cannot be read') },
    ]);
    expect(await readdir(output)).toEqual(['a.nii.gz']);
  });

  it('leaves alone the cases whose results are there when it goes on', async () => {
    for (const caseId of ['a', 'b']) await put(`${caseId}_0000.nii.gz`, [9]);
    await mkdir(output);
    await writeFile(join(output, 'a.nii.gz'), 'of an earlier run');
    expect(await predict(false, true)).toMatchObject([
      { kind: 'kept', caseId: 'a' },
      { kind: 'predicted', caseId: 'b' },
    ]);
    expect(await readFile(join(output, 'a.nii.gz'), 'utf8')).toBe('of an earlier run');
    expect(await predict(true, true)).toMatchObject([
      { kind: 'predicted', caseId: 'a' },
      { kind: 'predicted', caseId: 'b' },
    ]);
    expect(await predict()).toMatchObject([{ kind: 'predicted' }, { kind: 'predicted' }]);
  });

  it('warns of volumes for a model of 2D images, and refuses 2D images for one of volumes, by name', async () => {
    const voxels = Float32Array.of(9, 9);
    const flat = axisAlignedGeometry(spacingZyx(999, 1, 1));
    await writeFile(join(input, 'a_0000.nii.gz'), writeNifti(voxels, shapeZyx(1, 2, 1), flat));
    await writeFile(join(input, 'b_0000.nii.gz'), writeNifti(new Float32Array(8), shapeZyx(2, 2, 2), grid));
    const a3dModel = {
      originalMedianShape: shapeNet(9, 9, 9),
      configurations: [{ name: '3d_fullres', patchSize: [4, 4, 4] }],
    };
    const volumetric = {
      ...thresholding,
      model: { ...thresholding.model, plans: a3dModel, inference: { members: ['3d_fullres'] } },
    };
    expect(await predict(false, false, volumetric)).toMatchObject([
      { kind: 'failed', caseId: 'a', message: expect.stringContaining('the image is a single slice') },
      { kind: 'predicted', caseId: 'b' },
    ]);
    expect(notes).toEqual([]);
    expect(await predict()).toMatchObject([{ kind: 'predicted' }, { kind: 'predicted' }]);
    expect(notes).toEqual([expect.stringMatching(/^case b: the image is a volume, .* each of its 2 slices/)]);
  });

  it('takes a file without a channel number, and says so', async () => {
    await put('a.nii.gz', [9]);
    await predict();
    expect(await readdir(output)).toEqual(['a.nii.gz']);
    expect(notes).toEqual(['files without a channel number such as _0000 are taken as whole cases']);
  });

  it('refuses an input folder without images, one that is not there, and one that is the output too', async () => {
    await expect(predict()).rejects.toThrow('there is no image file in the input folder');
    output = input;
    await expect(predict()).rejects.toThrow('input and output are the same folder');
    output = join(folder.path, 'link');
    await symlink(input, output);
    await expect(predict()).rejects.toThrow('input and output are the same folder');
    input = join(folder.path, 'nowhere');
    await expect(predict()).rejects.toMatchObject({ code: 'FOLDER_UNUSABLE' });
  });
});
