import { NIFTI1, type NIFTI2, readHeader } from 'nifti-reader-js';
import { BadInputError } from '#core/errors.ts';
import { product, type Shape, type Spacing, shapeXyz, spacingXyz, toXyz, toZyx } from '#core/geometry/axes.ts';
import { gunzip, gunzipStart, gzip, isGzip } from './gzip.ts';
import type { NiftiGeometry } from './nifti-geometry.ts';
import { encodeHeader, sformRows } from './nifti-header.ts';
import { TruncatedFileError } from './truncated-file-error.ts';

/** A NIfTI file in array order. A fourth axis is channels. */
export interface NiftiVolume {
  readonly channels: number;
  readonly shape: Shape<'zyx'>;
  /** mm per voxel, positive. */
  readonly spacing: Spacing<'zyx'>;
  /** (C, z, y, x), scl_slope and scl_inter applied. */
  readonly data: Float32Array;
  readonly geometry: NiftiGeometry;
}

/** Thrown when bytes are not a NIfTI image that can be read: no header, no voxels, a voxel type that is not a number. */
export class UnreadableNiftiError extends BadInputError {
  readonly code = 'NIFTI_UNREADABLE';
}

type RawVoxels =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

interface VoxelType {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): RawVoxels;
}

/** NIfTI's datatype codes that hold one real number per voxel (nifti1.h, NIFTI1_DATATYPES). */
const VOXEL_TYPES: Readonly<Record<number, VoxelType>> = {
  2: Uint8Array,
  4: Int16Array,
  8: Int32Array,
  16: Float32Array,
  64: Float64Array,
  256: Int8Array,
  512: Uint16Array,
  768: Uint32Array,
  1024: BigInt64Array,
  1280: BigUint64Array,
};

/** Factor to mm by xyzt_units: metre, mm, micrometre; unknown counts as mm. */
const MM_PER_UNIT: Readonly<Record<number, number>> = { 1: 1000, 2: 1, 3: 0.001 };

/** A 2D image counts as one slice this many times thicker than its pixels are wide, as nnU-Net's reader has it. */
const SLICE_SPACING_OF_2D = 999;

/**
 * Reads a single-file NIfTI-1 or NIfTI-2, gzipped or not, of either byte order.
 *
 * Array order is the reverse of the file's: shape (z, y, x), x fastest. Voxels are `slope * stored + intercept`; a slope
 * of 0 or one that is not finite means that the stored values stand as they are.
 *
 * @throws {TruncatedFileError} when the file is shorter than its header or compression says.
 * @throws {UnreadableNiftiError} for anything else that is not a NIfTI image of real numbers with at least one voxel.
 */
export function readNifti(bytes: Uint8Array): NiftiVolume {
  const file = wholeBuffer(isGzip(bytes) ? unpacked(bytes) : bytes);
  const header = parseHeader(file);
  const dimensions = header.dims[0] === 2 ? 2 : 3;
  const { channels, shape } = extent(header);
  return {
    channels,
    shape: toZyx(shape),
    spacing: toZyx(spacingMm(header, dimensions)),
    data: voxels(file, header, channels * product(shape)),
    geometry: geometryOf(file, header, dimensions),
  };
}

type Header = NIFTI1 | NIFTI2;

/** Enough compressed bytes for any header. */
const HEADER_STREAM_BYTES = 4096;
/** Some programs write a little behind the voxels. */
const MOST_TRAILING_BYTES = 1 << 20;

/** The file in a gzip stream, its header read first: no more is unpacked than that asks for. */
function unpacked(bytes: Uint8Array): Uint8Array {
  const start = gunzipStart(bytes, HEADER_STREAM_BYTES);
  if (start.byteLength < NIFTI1.STANDARD_HEADER_SIZE) return gunzip(bytes, NIFTI1.STANDARD_HEADER_SIZE);
  const header = parseHeader(wholeBuffer(start));
  const { channels, shape } = extent(header);
  const size = header.vox_offset + channels * product(shape) * voxelType(header).BYTES_PER_ELEMENT;
  try {
    return gunzip(bytes, size + MOST_TRAILING_BYTES);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnreadableNiftiError(`the header asks for ${size} bytes, the gzip stream holds far more`, { cause });
  }
}

/** The package reads whole ArrayBuffers; a Buffer from the pool or a subarray needs a copy. */
const wholeBuffer = (bytes: Uint8Array): ArrayBuffer =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength
    ? bytes.buffer
    : new Uint8Array(bytes).buffer;

function parseHeader(file: ArrayBuffer): Header {
  // The package would take raw bytes that look compressed for a gzip stream and fail in a way of its own.
  if (isGzip(new Uint8Array(file))) throw new UnreadableNiftiError('the file is compressed twice');
  if (file.byteLength < NIFTI1.STANDARD_HEADER_SIZE) {
    throw new TruncatedFileError(`a NIfTI header has at least 348 bytes, the file has ${file.byteLength}`);
  }
  try {
    return readHeader(file);
  } catch (cause) {
    throw new UnreadableNiftiError('not a single-file NIfTI image (.nii or .nii.gz)', { cause });
  }
}

function extent(header: Header): { channels: number; shape: Shape<'xyz'> } {
  const [axes = 0, x = 0, y = 0, z = 0, t = 1, ...rest] = header.dims;
  if (axes < 2 || axes > 7) throw new UnreadableNiftiError(`expected 2 to 4 axes, got ${axes}`);
  const shape = shapeXyz(x, y, axes > 2 ? z : 1);
  const channels = axes > 3 ? t : 1;
  if ([...shape, channels].some((n) => n < 1)) {
    throw new UnreadableNiftiError(`the image has no voxels: shape ${[...shape, channels].join(' x ')}`);
  }
  if (rest.slice(0, axes - 4).some((n) => n > 1)) {
    throw new UnreadableNiftiError(`expected at most 4 axes longer than 1, got ${header.dims.slice(1).join(' x ')}`);
  }
  return { channels, shape };
}

function spacingMm(header: Header, dimensions: 2 | 3): Spacing<'xyz'> {
  const toMm = MM_PER_UNIT[header.xyzt_units & 7] ?? 1;
  const [x = 0, y = 0, z = 0] = header.pixDims.slice(1, 4).map((d) => Math.abs(d) * toMm);
  const spacing = spacingXyz(x, y, dimensions === 2 ? SLICE_SPACING_OF_2D * Math.max(x, y) : z);
  if (!spacing.every((mm) => mm > 0 && Number.isFinite(mm))) {
    throw new UnreadableNiftiError(`expected a spacing above 0 on every axis, got ${spacing.join(' x ')} mm`);
  }
  return spacing;
}

function voxelType(header: Header): VoxelType {
  const type = VOXEL_TYPES[header.datatypeCode];
  if (type) return type;
  throw new UnreadableNiftiError(
    `voxels of NIfTI datatype ${header.datatypeCode} are not one real number each; save the image as int16 or float32`,
  );
}

function voxels(file: ArrayBuffer, header: Header, count: number): Float32Array {
  const type = voxelType(header);
  const size = count * type.BYTES_PER_ELEMENT;
  const start = header.vox_offset;
  if (!(start + size <= file.byteLength)) {
    const present = Math.max(0, file.byteLength - start);
    throw new TruncatedFileError(`expected ${size} bytes of voxels, the file holds ${present}; copy the file again`);
  }
  const inPlace = header.littleEndian && start % type.BYTES_PER_ELEMENT === 0;
  const raw = inPlace
    ? new type(file, start, count)
    : new type(nativeOrder(file.slice(start, start + size), type.BYTES_PER_ELEMENT, header.littleEndian), 0, count);
  return rescaled(raw, header.scl_slope, header.scl_inter);
}

function nativeOrder(stored: ArrayBuffer, width: number, littleEndian: boolean): ArrayBuffer {
  if (littleEndian) return stored;
  if (width === 2) Buffer.from(stored).swap16();
  if (width === 4) Buffer.from(stored).swap32();
  if (width === 8) Buffer.from(stored).swap64();
  return stored;
}

function rescaled(raw: RawVoxels, slope: number, intercept: number): Float32Array {
  const asStored = slope === 0 || !Number.isFinite(slope) || (slope === 1 && intercept === 0);
  if (asStored && raw instanceof Float32Array) return raw;
  const factor = asStored ? 1 : slope;
  const offset = asStored ? 0 : intercept;
  const out = new Float32Array(raw.length);
  for (let i = 0; i < out.length; i++) out[i] = Number(raw[i]) * factor + offset;
  return out;
}

function geometryOf(file: ArrayBuffer, header: Header, dimensions: 2 | 3): NiftiGeometry {
  const version = header instanceof NIFTI1 ? 1 : 2;
  return {
    version,
    dimensions,
    pixdim: header.pixDims,
    xyztUnits: header.xyzt_units,
    qformCode: header.qform_code,
    sformCode: header.sform_code,
    quaternion: [header.quatern_b, header.quatern_c, header.quatern_d],
    qformOffset: [header.qoffset_x, header.qoffset_y, header.qoffset_z],
    sform: sformRows(new DataView(file), version, header.littleEndian),
  };
}

/**
 * Writes one volume as a gzipped NIfTI on the grid of `geometry`, header fields and all. Equal input gives equal bytes.
 *
 * @param data (z, y, x): labels as uint8, or uint16 when one is above 255; images as int16 or float32.
 * @param geometry of the image the volume belongs to, as `readNifti` gave it.
 * @throws {RangeError} when `data` does not fill `shape`, or the grid is 2D and `shape` is not.
 */
export function writeNifti(
  data: Uint8Array | Uint16Array | Int16Array | Float32Array,
  shape: Shape<'zyx'>,
  geometry: NiftiGeometry,
): Uint8Array {
  if (data.length !== product(shape)) {
    throw new RangeError(`shape ${shape.join(' x ')} has ${product(shape)} voxels, got ${data.length}`);
  }
  const [x, y, z] = toXyz(shape);
  if (geometry.dimensions === 2 && z !== 1) throw new RangeError(`a 2D grid has one slice, got ${z}`);
  const dim = [geometry.dimensions, x, y, z, 1, 1, 1, 1];
  const header = encodeHeader(geometry, dim, datatypeOf(data), data.BYTES_PER_ELEMENT * 8);
  const file = new Uint8Array(header.byteLength + data.byteLength);
  file.set(header);
  file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.byteLength);
  return gzip(file);
}

function datatypeOf(data: Uint8Array | Uint16Array | Int16Array | Float32Array): number {
  if (data instanceof Uint8Array) return 2;
  if (data instanceof Int16Array) return 4;
  return data instanceof Uint16Array ? 512 : 16;
}

/**
 * A label map in the narrowest type nnU-Net writes: uint8 unless a label is above 255.
 *
 * @throws {RangeError} for a value that is not a whole number of 0 to 65535.
 */
export function asLabelVoxels(labels: ArrayLike<number>): Uint8Array | Uint16Array {
  let highest = 0;
  for (let i = 0; i < labels.length; i++) {
    const value = labels[i] ?? Number.NaN;
    if (!(Number.isInteger(value) && value >= 0 && value <= 65535)) {
      throw new RangeError(`expected labels of 0 to 65535, got ${value}`);
    }
    highest = Math.max(highest, value);
  }
  return highest > 255 ? Uint16Array.from(labels) : Uint8Array.from(labels);
}
