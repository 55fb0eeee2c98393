// Where the fields that we write stand in the two NIfTI headers, and how wide they are.
// From nifti1.h and nifti2.h; a field that is not here is written as 0.

import type { NiftiGeometry } from './nifti-geometry.ts';

type Width = 'uint8' | 'int16' | 'int32' | 'int64' | 'float32' | 'float64';
type Field = readonly [at: number, width: Width];

interface HeaderLayout {
  readonly bytes: number;
  readonly magic: readonly [at: number, text: string];
  readonly dim: Field;
  readonly datatype: Field;
  readonly bitpix: Field;
  readonly pixdim: Field;
  readonly voxOffset: Field;
  readonly sclSlope: Field;
  readonly xyztUnits: Field;
  readonly qformCode: Field;
  readonly sformCode: Field;
  readonly quaternion: Field;
  readonly qformOffset: Field;
  readonly sform: Field;
}

const LAYOUTS: Readonly<Record<1 | 2, HeaderLayout>> = {
  1: {
    bytes: 348,
    magic: [344, 'n+1\0'],
    dim: [40, 'int16'],
    datatype: [70, 'int16'],
    bitpix: [72, 'int16'],
    pixdim: [76, 'float32'],
    voxOffset: [108, 'float32'],
    sclSlope: [112, 'float32'],
    xyztUnits: [123, 'uint8'],
    qformCode: [252, 'int16'],
    sformCode: [254, 'int16'],
    quaternion: [256, 'float32'],
    qformOffset: [268, 'float32'],
    sform: [280, 'float32'],
  },
  2: {
    bytes: 540,
    magic: [4, 'n+2\0\r\n\x1a\n'],
    datatype: [12, 'int16'],
    bitpix: [14, 'int16'],
    dim: [16, 'int64'],
    pixdim: [104, 'float64'],
    voxOffset: [168, 'int64'],
    sclSlope: [176, 'float64'],
    qformCode: [344, 'int32'],
    sformCode: [348, 'int32'],
    quaternion: [352, 'float64'],
    qformOffset: [376, 'float64'],
    sform: [400, 'float64'],
    xyztUnits: [500, 'int32'],
  },
};

interface Codec {
  readonly bytes: number;
  readonly set: (view: DataView, at: number, value: number) => void;
}

const CODECS: Readonly<Record<Width, Codec>> = {
  uint8: { bytes: 1, set: (view, at, value) => view.setUint8(at, value) },
  int16: { bytes: 2, set: (view, at, value) => view.setInt16(at, value, true) },
  int32: { bytes: 4, set: (view, at, value) => view.setInt32(at, value, true) },
  int64: { bytes: 8, set: (view, at, value) => view.setBigInt64(at, BigInt(value), true) },
  float32: { bytes: 4, set: (view, at, value) => view.setFloat32(at, value, true) },
  float64: { bytes: 8, set: (view, at, value) => view.setFloat64(at, value, true) },
};

/** The sform's 12 numbers as they stand in the header, whatever its code. */
export function sformRows(header: DataView, version: 1 | 2, littleEndian: boolean): number[] {
  const [at, width] = LAYOUTS[version].sform;
  return Array.from({ length: 12 }, (_, i) =>
    width === 'float32' ? header.getFloat32(at + 4 * i, littleEndian) : header.getFloat64(at + 8 * i, littleEndian),
  );
}

/** Header and the four bytes that say there is no extension: the voxels follow. Little endian, slope 1, intercept 0. */
export function encodeHeader(
  geometry: NiftiGeometry,
  dim: readonly number[],
  datatype: number,
  bitsPerVoxel: number,
): Uint8Array {
  const layout = LAYOUTS[geometry.version];
  const bytes = new Uint8Array(layout.bytes + 4);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, layout.bytes, true);
  bytes.set(new TextEncoder().encode(layout.magic[1]), layout.magic[0]);
  write(view, layout.dim, dim);
  write(view, layout.datatype, [datatype]);
  write(view, layout.bitpix, [bitsPerVoxel]);
  write(view, layout.voxOffset, [bytes.byteLength]);
  write(view, layout.sclSlope, [1]);
  write(view, layout.pixdim, geometry.pixdim);
  write(view, layout.xyztUnits, [geometry.xyztUnits]);
  write(view, layout.qformCode, [geometry.qformCode]);
  write(view, layout.sformCode, [geometry.sformCode]);
  write(view, layout.quaternion, geometry.quaternion);
  write(view, layout.qformOffset, geometry.qformOffset);
  write(view, layout.sform, geometry.sform);
  return bytes;
}

function write(view: DataView, [at, width]: Field, values: readonly number[]): void {
  const { bytes, set } = CODECS[width];
  values.forEach((value, i) => {
    set(view, at + i * bytes, value);
  });
}
