import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { gunzip, gzip } from './gzip.ts';
import { asLabelVoxels, readNifti, UnreadableNiftiError, writeNifti } from './nifti.ts';
import { axisAlignedGeometry, indexToWorldRas, type NiftiGeometry } from './nifti-geometry.ts';
import { TruncatedFileError } from './truncated-file-error.ts';

const shape = shapeZyx(2, 3, 4);
const geometry = axisAlignedGeometry(spacingZyx(5, 0.5, 0.75));
const counted = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => i);
const plainFile = (): Uint8Array => gunzip(writeNifti(counted(24), shape, geometry));

/** The header of a plain NIfTI-1 file, to be changed in place. */
const header = (file: Uint8Array): DataView => new DataView(file.buffer, file.byteOffset, file.byteLength);

/** A file whose voxels are stored as `type`, in either byte order. */
function storedAs(
  code: number,
  bytesPerVoxel: number,
  set: (view: DataView, at: number, i: number) => void,
): Uint8Array {
  const file = new Uint8Array(352 + 24 * bytesPerVoxel);
  file.set(plainFile().subarray(0, 352));
  const view = header(file);
  view.setInt16(70, code, true);
  view.setInt16(72, bytesPerVoxel * 8, true);
  for (let i = 0; i < 24; i++) set(view, 352 + i * bytesPerVoxel, i);
  return file;
}

function bigEndian(file: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(file);
  const reverse = (at: number, width: number, count: number): void => {
    for (let i = 0; i < count; i++) swapped.subarray(at + i * width, at + (i + 1) * width).reverse();
  };
  reverse(0, 4, 1);
  reverse(40, 2, 8);
  reverse(70, 2, 2);
  reverse(76, 4, 11);
  reverse(252, 2, 2);
  reverse(256, 4, 18);
  reverse(352, 4, (file.byteLength - 352) / 4);
  return swapped;
}

describe('readNifti', () => {
  it('gives arrays in z, y, x order with x fastest', () => {
    const volume = readNifti(writeNifti(counted(24), shape, geometry));
    expect(volume.shape).toEqual([2, 3, 4]);
    expect(volume.spacing).toEqual([5, 0.5, 0.75]);
    expect(volume.channels).toBe(1);
    expect(volume.data).toEqual(counted(24));
  });

  const types: { name: string; code: number; bytes: number; set: (v: DataView, at: number, i: number) => void }[] = [
    { name: 'uint8', code: 2, bytes: 1, set: (v, at, i) => v.setUint8(at, i) },
    { name: 'int8', code: 256, bytes: 1, set: (v, at, i) => v.setInt8(at, i) },
    { name: 'int16', code: 4, bytes: 2, set: (v, at, i) => v.setInt16(at, i, true) },
    { name: 'uint16', code: 512, bytes: 2, set: (v, at, i) => v.setUint16(at, i, true) },
    { name: 'int32', code: 8, bytes: 4, set: (v, at, i) => v.setInt32(at, i, true) },
    { name: 'uint32', code: 768, bytes: 4, set: (v, at, i) => v.setUint32(at, i, true) },
    { name: 'float32', code: 16, bytes: 4, set: (v, at, i) => v.setFloat32(at, i, true) },
    { name: 'float64', code: 64, bytes: 8, set: (v, at, i) => v.setFloat64(at, i, true) },
    { name: 'int64', code: 1024, bytes: 8, set: (v, at, i) => v.setBigInt64(at, BigInt(i), true) },
    { name: 'uint64', code: 1280, bytes: 8, set: (v, at, i) => v.setBigUint64(at, BigInt(i), true) },
  ];
  it.each(types)('reads voxels stored as $name', ({ code, bytes, set }) => {
    expect(readNifti(storedAs(code, bytes, set)).data).toEqual(counted(24));
  });

  it('reads big-endian files', () => {
    const volume = readNifti(bigEndian(plainFile()));
    expect(volume.data).toEqual(counted(24));
    expect(volume.spacing).toEqual([5, 0.5, 0.75]);
    expect(volume.geometry).toEqual(readNifti(plainFile()).geometry);
  });

  const scalings = [
    { name: 'applies slope and intercept', slope: 2, intercept: -1, want: 2 * 23 - 1 },
    { name: 'takes a slope of 0 for none', slope: 0, intercept: 7, want: 23 },
    { name: 'takes a slope that is not finite for none', slope: Number.NaN, intercept: 7, want: 23 },
    { name: 'adds an intercept at slope 1', slope: 1, intercept: 0.5, want: 23.5 },
  ];
  it.each(scalings)('$name', ({ slope, intercept, want }) => {
    const file = storedAs(4, 2, (view, at, i) => view.setInt16(at, i, true));
    header(file).setFloat32(112, slope, true);
    header(file).setFloat32(116, intercept, true);
    expect(readNifti(file).data[23]).toBe(want);
  });

  it('takes a fourth axis for channels', () => {
    const file = plainFile();
    for (const [i, n] of [4, 2, 3, 1, 4].entries()) header(file).setInt16(40 + 2 * i, n, true);
    const volume = readNifti(file);
    expect(volume.channels).toBe(4);
    expect(volume.shape).toEqual([1, 3, 2]);
  });

  it('makes spacings positive and converts them to mm', () => {
    const file = plainFile();
    header(file).setFloat32(80, -750, true);
    header(file).setUint8(123, 3);
    expect(readNifti(file).spacing[2]).toBe(0.75);
  });

  it('takes a 2D image for one thick slice and writes it back as 2D', () => {
    const flat: NiftiGeometry = { ...geometry, dimensions: 2 };
    const file = writeNifti(counted(12), shapeZyx(1, 3, 4), flat);
    const volume = readNifti(file);
    expect(volume.shape).toEqual([1, 3, 4]);
    expect(volume.spacing).toEqual([999 * 0.75, 0.5, 0.75]);
    expect(gunzip(writeNifti(volume.data, volume.shape, volume.geometry))).toEqual(gunzip(file));
    expect(() => writeNifti(counted(24), shape, flat)).toThrow('a 2D grid has one slice, got 2');
  });

  it('reads bytes that lie inside a larger buffer', () => {
    const file = plainFile();
    const shifted = new Uint8Array(file.byteLength + 3);
    shifted.set(file, 3);
    expect(readNifti(shifted.subarray(3)).data).toEqual(counted(24));
  });
});

describe('broken NIfTI files', () => {
  const changed = (change: (view: DataView) => void): Uint8Array => {
    const file = plainFile();
    change(header(file));
    return file;
  };
  const cases = [
    {
      name: 'a truncated gzip stream',
      file: () => writeNifti(counted(24), shape, geometry).subarray(0, -20),
      want: TruncatedFileError,
      message: 'the gzip stream ends early',
    },
    {
      name: 'a damaged gzip stream',
      file: () => {
        const file = Uint8Array.from(writeNifti(counted(24), shape, geometry));
        file.fill(0xff, 20, 60);
        return file;
      },
      want: TruncatedFileError,
      message: 'the gzip stream is damaged',
    },
    {
      name: 'a file that ends among its voxels',
      file: () => plainFile().subarray(0, 400),
      want: TruncatedFileError,
      message: 'expected 96 bytes of voxels, the file holds 48',
    },
    {
      name: 'a file shorter than a header',
      file: () => plainFile().subarray(0, 100),
      want: TruncatedFileError,
      message: 'a NIfTI header has at least 348 bytes, the file has 100',
    },
    {
      name: 'a file that is not NIfTI',
      file: () => new TextEncoder().encode('no image here '.repeat(40)),
      want: UnreadableNiftiError,
      message: 'not a single-file NIfTI image',
    },
    {
      name: 'a gzip stream that unpacks to far more than its header asks for',
      file: () => gzip(Buffer.concat([plainFile(), new Uint8Array(4 << 20)])),
      want: UnreadableNiftiError,
      message: 'the header asks for 448 bytes, the gzip stream holds far more',
    },
    {
      name: 'a file compressed twice',
      file: () => gzip(gzip(Uint8Array.from({ length: 4000 }, (_, i) => (i * 7919) % 251))),
      want: UnreadableNiftiError,
      message: 'the file is compressed twice',
    },
    {
      name: 'an image without voxels',
      file: () => changed((view) => view.setInt16(44, 0, true)),
      want: UnreadableNiftiError,
      message: 'the image has no voxels: shape 4 x 0 x 2',
    },
    {
      name: 'a header without axes',
      file: () => changed((view) => view.setInt16(40, 0, true)),
      want: UnreadableNiftiError,
      message: 'expected 2 to 4 axes, got 0',
    },
    {
      name: 'a fifth axis',
      file: () => {
        const file = plainFile();
        for (const [i, n] of [5, 2, 3, 1, 2, 2].entries()) header(file).setInt16(40 + 2 * i, n, true);
        return file;
      },
      want: UnreadableNiftiError,
      message: 'expected at most 4 axes longer than 1',
    },
    {
      name: 'colours instead of numbers',
      file: () => changed((view) => view.setInt16(70, 128, true)),
      want: UnreadableNiftiError,
      message: 'datatype 128 are not one real number each',
    },
    {
      name: 'a spacing of 0',
      file: () => changed((view) => view.setFloat32(84, 0, true)),
      want: UnreadableNiftiError,
      message: 'expected a spacing above 0',
    },
  ];
  it.each(cases)('$name is refused by name', ({ file, want, message }) => {
    expect(() => readNifti(file())).toThrow(want);
    expect(() => readNifti(file())).toThrow(message);
  });
});

describe('writeNifti', () => {
  const fields = fc.record({
    version: fc.constantFrom<1 | 2>(1, 2),
    dimensions: fc.constant<3>(3),
    pixdim: fc.array(fc.float({ min: Math.fround(0.1), max: 10, noNaN: true }), { minLength: 8, maxLength: 8 }),
    xyztUnits: fc.constantFrom(0, 2, 10),
    qformCode: fc.integer({ min: 0, max: 4 }),
    sformCode: fc.integer({ min: 0, max: 4 }),
    quaternion: fc.array(fc.float({ min: Math.fround(-0.5), max: 0.5, noNaN: true }), { minLength: 3, maxLength: 3 }),
    qformOffset: fc.array(fc.float({ min: -500, max: 500, noNaN: true }), { minLength: 3, maxLength: 3 }),
    sform: fc.array(fc.float({ min: -500, max: 500, noNaN: true }), { minLength: 12, maxLength: 12 }),
  });

  it('keeps every field of the geometry, whichever transform is set', () => {
    fc.assert(
      fc.property(fields, (source) => {
        expect(readNifti(writeNifti(new Uint8Array(24), shape, source)).geometry).toEqual(source);
      }),
    );
  });

  it.each([
    { name: 'uint8', data: Uint8Array.from({ length: 24 }, (_, i) => i * 10) },
    { name: 'uint16', data: Uint16Array.from({ length: 24 }, (_, i) => i * 1000) },
    { name: 'int16', data: Int16Array.from({ length: 24 }, (_, i) => -i * 1000) },
    { name: 'float32', data: Float32Array.from({ length: 24 }, (_, i) => i / 7) },
  ])('writes $name so that it reads back', ({ data }) => {
    expect([...readNifti(writeNifti(data, shape, geometry)).data]).toEqual([...data]);
  });

  it('writes equal bytes for equal input', () => {
    expect(writeNifti(counted(24), shape, geometry)).toEqual(writeNifti(counted(24), shape, geometry));
  });

  it('refuses data that do not fill the shape', () => {
    expect(() => writeNifti(counted(23), shape, geometry)).toThrow('shape 2 x 3 x 4 has 24 voxels, got 23');
  });
});

describe('asLabelVoxels', () => {
  it.each([
    { labels: [0, 1, 255], want: Uint8Array.of(0, 1, 255) },
    { labels: [0, 256], want: Uint16Array.of(0, 256) },
  ])('takes the narrowest type that holds $labels', ({ labels, want }) => {
    expect(asLabelVoxels(labels)).toEqual(want);
  });

  it.each([-1, 0.5, 65536, Number.NaN])('refuses the label %s', (label) => {
    expect(() => asLabelVoxels([0, label])).toThrow(`expected labels of 0 to 65535, got ${label}`);
  });
});

describe('indexToWorldRas', () => {
  const turned: NiftiGeometry = {
    ...geometry,
    pixdim: [-1, 2, 3, 4, 0, 0, 0, 0],
    quaternion: [0, 0, 1], // half a turn about z
    qformOffset: [10, 20, 30],
  };
  it.each([
    { name: 'the sform when its code is set', sformCode: 2, qformCode: 1, want: geometry.sform },
    {
      name: 'else the qform, its third axis flipped by qfac',
      sformCode: 0,
      qformCode: 1,
      want: [-2, 0, 0, 10, 0, -3, 0, 20, 0, 0, -4, 30],
    },
    { name: 'else the spacings', sformCode: 0, qformCode: 0, want: [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4, 0] },
  ])('is $name', ({ sformCode, qformCode, want }) => {
    const got = indexToWorldRas({ ...turned, sformCode, qformCode });
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(want[i] ?? Number.NaN, 12);
    });
  });
});
