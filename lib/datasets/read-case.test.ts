import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { DatasetFaultError, type FaultKind } from '#core/dataset/integrity.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { gunzip } from '#formats/gzip.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry, type NiftiGeometry } from '#formats/nifti-geometry.ts';
import { TruncatedFileError } from '#formats/truncated-file-error.ts';
import { madeTiff } from '#test/made-tiff.ts';
import { readCase } from './read-case.ts';

const shape = shapeZyx(2, 2, 2);
const geometry = axisAlignedGeometry(spacingZyx(3, 1, 1));
const aFile = (value: number, over: Partial<NiftiGeometry> = {}): Uint8Array =>
  writeNifti(new Float32Array(8).fill(value), shape, { ...geometry, ...over });
const aLabelFile = (...values: readonly number[]): Uint8Array =>
  writeNifti(
    Float32Array.from({ length: 8 }, (_, i) => values[i] ?? 0),
    shape,
    geometry,
  );

/** `aFile(0)` with its last axis taken for volumes: 4D, two volumes of one slice. */
function a4dFile(): Uint8Array {
  const file = gunzip(aFile(5));
  const header = new DataView(file.buffer, file.byteOffset);
  for (const [i, n] of [4, 2, 2, 1, 2].entries()) header.setInt16(40 + 2 * i, n, true);
  return file;
}

const described = (...channelNames: string[]): DatasetDescription => ({
  name: 'd',
  channelNames,
  labels: [{ name: 'background', value: 0 }],
  fileEnding: '.nii.gz',
  numTraining: 1,
});

/** Names are taken without their ending. */
const read = (files: Record<string, Uint8Array>, images: string[], channels: string[], label: string | null = null) =>
  readNamed(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${name}.nii.gz`, bytes])),
    images.map((name) => `${name}.nii.gz`),
    channels,
    label && `${label}.nii.gz`,
  );
const readNamed = (files: Record<string, Uint8Array>, images: string[], channels: string[], label: string | null) =>
  readCase({ get: async (key) => files[key] }, { caseId: 'a', images, label }, described(...channels));

const aPicture = (channels: 1 | 3 | 4, samples: readonly number[]): Promise<Uint8Array> =>
  sharp(Uint8Array.from(samples), { raw: { width: 2, height: 1, channels } })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .png()
    .toBuffer();

describe('readCase', () => {
  it('joins one file per channel', async () => {
    const { image, label, warnings } = await read({ x: aFile(1), y: aFile(2) }, ['x', 'y'], ['T1', 'T2']);
    expect(image.channels).toBe(2);
    expect([...image.data]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(label).toBeNull();
    expect(warnings).toEqual([]);
  });

  it('takes the fourth axis of a single file for channels', async () => {
    const { image } = await read({ x: a4dFile() }, ['x'], ['T1', 'T2']);
    expect(image.channels).toBe(2);
    expect(image.shape).toEqual([1, 2, 2]);
  });

  it('reads the label as whole numbers and keeps the geometry of the image', async () => {
    const raw = await read({ x: aFile(1), l: aLabelFile(0, 1, 2) }, ['x'], ['T1'], 'l');
    expect(raw.label?.data).toEqual(Int16Array.of(0, 1, 2, 0, 0, 0, 0, 0));
    expect(raw.geometry).toEqual(geometry);
  });

  it('warns, and no more, when a file lies elsewhere in space', async () => {
    const moved = aFile(2, { sform: [1, 0, 0, 9, 0, 1, 0, 0, 0, 0, 3, 0] });
    const { warnings } = await read({ x: aFile(1), y: moved }, ['x', 'y'], ['T1', 'T2']);
    expect(warnings).toEqual(['channel 1 and channel 0 differ in position or orientation; compare them in a viewer']);
  });

  it('takes the colours of a picture for channels, transparency only where a channel is named for it', async () => {
    const files = {
      'i/a_0000.png': await aPicture(4, [1, 2, 3, 255, 4, 5, 6, 128]),
      'l/a.png': await aPicture(1, [0, 1]),
    };
    const { image, label } = await readNamed(files, ['i/a_0000.png'], ['R', 'G', 'B'], 'l/a.png');
    expect([...image.data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(image.spacing).toEqual([999, 1, 1]);
    expect(label?.data).toEqual(Int16Array.of(0, 1));
    const whole = await readNamed(files, ['i/a_0000.png'], ['R', 'G', 'B', 'A'], 'l/a.png');
    expect([...whole.image.data.subarray(6)]).toEqual([255, 128]);
  });

  it('refuses a label map in colours', async () => {
    const files = { 'a_0000.png': await aPicture(1, [1, 2]), 'l/a.png': await aPicture(3, [0, 0, 0, 1, 1, 1]) };
    await expect(readNamed(files, ['a_0000.png'], ['grey'], 'l/a.png')).rejects.toThrow(
      'the label has 3 channels (a fourth axis, or colours), expected one',
    );
  });

  const stack = madeTiff({ width: 2, height: 1, pages: [Uint8Array.of(0, 1), Uint8Array.of(1, 0)] });
  const spacingFile = new TextEncoder().encode('{"spacing": [4, 2, 1]}');
  const tiffs = { 'i/a_0000.tif': stack, 'l/a.tif': stack };

  it('takes the spacing of a TIFF from the JSON of its case', async () => {
    const files = { ...tiffs, 'i/a.json': spacingFile, 'l/a.json': spacingFile };
    const { image, label, warnings } = await readNamed(files, ['i/a_0000.tif'], ['T1'], 'l/a.tif');
    expect([image.spacing, label?.spacing, warnings]).toEqual([[4, 2, 1], [4, 2, 1], []]);
  });

  it('warns once when there is none, and refuses to take a spacing from one of two files', async () => {
    const { image, warnings } = await readNamed(tiffs, ['i/a_0000.tif'], ['T1'], 'l/a.tif');
    expect(image.spacing).toEqual([1, 1, 1]);
    expect(warnings).toEqual(['a TIFF has no JSON file with its spacing beside it; taken as 1 x 1 x 1 mm']);
    const half = { ...tiffs, 'i/a.json': spacingFile };
    await expect(readNamed(half, ['i/a_0000.tif'], ['T1'], 'l/a.tif')).rejects.toThrow(
      'the label has spacing 1 x 1 x 1 mm (z, y, x), the image 4 x 2 x 1',
    );
  });

  const other = writeNifti(new Float32Array(4), shapeZyx(1, 2, 2), geometry);
  const thicker = aFile(1, { pixdim: [1, 1, 1, 4, 0, 0, 0, 0] });
  const nan = aLabelFile(0, Number.NaN);
  const faulty: {
    name: string;
    files: Record<string, Uint8Array>;
    images: string[];
    channels: string[];
    label?: string;
    kind: FaultKind;
    want: string;
  }[] = [
    {
      name: 'a missing file',
      files: {},
      images: ['x'],
      channels: ['T1'],
      kind: 'unreadable',
      want: 'case a: the file of the image is missing',
    },
    {
      name: 'a truncated file',
      files: { x: aFile(1).subarray(0, -9) },
      images: ['x'],
      channels: ['T1'],
      kind: 'unreadable',
      want: 'the image cannot be read: the gzip stream ends early',
    },
    {
      name: 'channels of different shape',
      files: { x: aFile(1), y: other },
      images: ['x', 'y'],
      channels: ['T1', 'T2'],
      kind: 'shape',
      want: 'channel 1 is 1 x 2 x 2 voxels (z, y, x), channel 0 2 x 2 x 2',
    },
    {
      name: 'channels of different spacing',
      files: { x: aFile(1), y: thicker },
      images: ['x', 'y'],
      channels: ['T1', 'T2'],
      kind: 'spacing',
      want: 'channel 1 has spacing 4 x 1 x 1',
    },
    {
      name: 'a label of another shape',
      files: { x: aFile(1), l: other },
      images: ['x'],
      channels: ['T1'],
      label: 'l',
      kind: 'shape',
      want: 'the label is 1 x 2 x 2',
    },
    {
      name: 'a 4D file where one channel is expected',
      files: { x: a4dFile() },
      images: ['x'],
      channels: ['T1'],
      kind: 'channels',
      want: 'channel 0 has 2 channels of its own, expected one',
    },
    {
      name: 'a 4D file among several channels',
      files: { x: aFile(1), y: a4dFile() },
      images: ['x', 'y'],
      channels: ['T1', 'T2'],
      kind: 'channels',
      want: 'channel 1 has 2 channels of its own',
    },
    {
      name: 'a 4D label',
      files: { x: aFile(1), l: a4dFile() },
      images: ['x'],
      channels: ['T1'],
      label: 'l',
      kind: 'channels',
      want: 'the label has 2 channels',
    },
    {
      name: 'a 3D file where channels are expected',
      files: { x: aFile(1) },
      images: ['x'],
      channels: ['T1', 'T2'],
      kind: 'channels',
      want: 'the image has 1 channel, dataset.json names 2',
    },
    {
      name: 'a label that is no whole number',
      files: { x: aFile(1), l: aLabelFile(0, 0.5) },
      images: ['x'],
      channels: ['T1'],
      label: 'l',
      kind: 'undeclared-label',
      want: 'expected whole numbers below 32768 as labels, got 0.5',
    },
    {
      name: 'a label that is NaN',
      files: { x: aFile(1), l: nan },
      images: ['x'],
      channels: ['T1'],
      label: 'l',
      kind: 'undeclared-label',
      want: 'as labels, got NaN',
    },
  ];
  it.each(faulty)('refuses $name', async ({ files, images, channels, label, kind, want }) => {
    const error = await read(files, images, channels, label).then(
      () => expect.unreachable(),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DatasetFaultError);
    expect((error as DatasetFaultError).message).toContain(want);
    expect((error as DatasetFaultError).faults.map((fault) => fault.kind)).toContain(kind);
  });

  it('keeps the cause of a file that cannot be read and reports every such file', async () => {
    const short = aFile(1).subarray(0, -9);
    const error = await read({ x: short }, ['x', 'y'], ['T1', 'T2']).catch((thrown: unknown) => thrown);
    expect((error as DatasetFaultError).faults).toHaveLength(2);
    expect((error as DatasetFaultError).cause).toBeInstanceOf(TruncatedFileError);
  });
});
