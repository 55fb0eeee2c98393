// Preprocessed cases and probabilities on disk: Zarr v3, zstd. Written here, since the layout is a few lines and the
// entries go to an object store; read by zarrita. Python's zarr opens both.

import { constants, zstdCompressSync, zstdDecompress } from 'node:zlib';
import { get, open, registry } from 'zarrita';
import * as z from 'zod';
import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import { BadInputError } from '#core/errors.ts';
import { product, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { CropAndResampleRecord, PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';

/** Thrown when stored arrays are missing, incomplete or not what they say. */
export class InvalidZarrError extends BadInputError {
  readonly code = 'ZARR_INVALID';
}

export type ZarrData = Float32Array | Int16Array | Int32Array | Uint8Array;
export type ZarrDtype = 'float32' | 'int16' | 'int32' | 'uint8';

const ARRAYS: Readonly<Record<ZarrDtype, new (length: number) => ZarrData>> = {
  float32: Float32Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
};

/** zstd's own default: about as small as 9 on float voxels, several times faster. */
const ZSTD_LEVEL = 3;
/** Voxels of one chunk: 16 MiB of float32. Few objects per case, and a reader holds little at a time. */
const CHUNK_VOXELS = 4 * 1024 * 1024;

const below = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** Chunks of a (C, z, y, x) or (z, y, x) array: one channel each, in slabs of the first spatial axis. */
export function volumeChunks(shape: readonly number[]): number[] {
  const [slices = 1, ...plane] = shape.slice(-3);
  const slab = Math.max(1, Math.min(slices, Math.floor(CHUNK_VOXELS / Math.max(1, product(plane)))));
  return [...shape.slice(0, -3).map(() => 1), slab, ...plane.map((n) => Math.max(1, n))];
}

/**
 * The entries of one Zarr v3 array, by key: `<path>/zarr.json` and `<path>/c/<i>/<j>…`.
 *
 * Every chunk is written, also one of zeros, so that a chunk that is missing later is known to be lost.
 *
 * @param data C order.
 * @param chunkShape as many axes as `shape`, each at least 1; see `volumeChunks`.
 * @throws {RangeError} when data, shape and chunks do not fit together. @throws {TypeError} for data of another dtype.
 */
export function encodeZarrArray(
  path: string,
  shape: readonly number[],
  dtype: ZarrDtype,
  data: ZarrData,
  chunkShape: readonly number[],
): Map<string, Uint8Array> {
  if (!(data instanceof ARRAYS[dtype])) throw new TypeError(`expected ${dtype} data, got ${data.constructor.name}`);
  if (data.length !== product(shape)) {
    throw new RangeError(`shape ${shape.join(' x ')} has ${product(shape)} entries, got ${data.length}`);
  }
  if (chunkShape.length !== shape.length || chunkShape.some((n) => !(n >= 1))) {
    throw new RangeError(`chunks ${chunkShape.join(' x ')} do not fit shape ${shape.join(' x ')}`);
  }
  const entries = new Map([[below(path, 'zarr.json'), jsonBytes(arrayMetadata(shape, dtype, chunkShape))]]);
  for (const chunk of chunkIndices(shape, chunkShape)) {
    const cut = new ARRAYS[dtype](product(chunkShape));
    copyChunk(data, shape, cut, chunkShape, chunk);
    entries.set(below(path, `c/${chunk.join('/')}`), compress(cut));
  }
  return entries;
}

const arrayMetadata = (shape: readonly number[], dtype: ZarrDtype, chunkShape: readonly number[]) => ({
  zarr_format: 3,
  node_type: 'array',
  shape,
  data_type: dtype,
  chunk_grid: { name: 'regular', configuration: { chunk_shape: chunkShape } },
  chunk_key_encoding: { name: 'default', configuration: { separator: '/' } },
  fill_value: 0,
  codecs: [
    { name: 'bytes', configuration: { endian: 'little' } },
    { name: 'zstd', configuration: { level: ZSTD_LEVEL, checksum: false } },
  ],
  attributes: {},
});

function compress(chunk: ZarrData): Uint8Array {
  const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  // With its size pledged the frame says how long it is unpacked, which other readers rely on.
  return zstdCompressSync(bytes, {
    params: { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL },
    pledgedSrcSize: bytes.byteLength,
  });
}

function* chunkIndices(shape: readonly number[], chunkShape: readonly number[]): Generator<number[]> {
  const counts = shape.map((n, axis) => Math.ceil(n / (chunkShape[axis] ?? 1)));
  for (let flat = 0; flat < product(counts); flat++) {
    const index: number[] = [];
    let rest = flat;
    for (const count of counts.toReversed()) {
      index.unshift(rest % count);
      rest = Math.floor(rest / count);
    }
    yield index;
  }
}

/** Copies the part of `data` that chunk `index` covers, row by row; what lies past the end stays 0. */
function copyChunk(
  data: ZarrData,
  shape: readonly number[],
  chunk: ZarrData,
  chunkShape: readonly number[],
  index: readonly number[],
): void {
  const last = shape.length - 1;
  const copy = (axis: number, from: number, to: number): void => {
    const size = shape[axis] ?? 1;
    const chunkSize = chunkShape[axis] ?? 1;
    const start = (index[axis] ?? 0) * chunkSize;
    const present = Math.min(chunkSize, size - start);
    if (axis >= last) {
      const at = from * size + start;
      chunk.set(data.subarray(at, at + present), to * chunkSize);
      return;
    }
    for (let i = 0; i < present; i++) copy(axis + 1, from * size + start + i, to * chunkSize + i);
  };
  copy(0, 0, 0);
}

/** Gives the bytes stored under a key, `undefined` where there are none. */
export type GetEntry = (key: string) => Promise<Uint8Array | undefined>;

/**
 * Reads an array that `encodeZarrArray` wrote.
 *
 * @throws {InvalidZarrError} naming the entry that is missing, damaged or of another size than the metadata say; what
 * `getEntry` throws is let through.
 */
export async function decodeZarrArray(
  path: string,
  getEntry: GetEntry,
): Promise<{ readonly shape: readonly number[]; readonly data: ZarrData }> {
  registry.set('zstd', async () => zstdCodec);
  return reading('array', path, getEntry, async (entries) => {
    const array = await open.v3(entries, { kind: 'array' });
    const type = Object.entries(ARRAYS).find(([dtype]) => dtype === array.dtype)?.[1];
    if (!type)
      throw new InvalidZarrError(`array ${path}: ${array.dtype} is not one of ${Object.keys(ARRAYS).join(', ')}`);
    // zarrita cannot walk over the chunks of an array without entries.
    const data: unknown = array.shape.includes(0) ? new type(0) : (await get(array)).data;
    if (data instanceof type) return { shape: array.shape, data };
    throw new InvalidZarrError(`array ${path} did not read as what its metadata say`);
  });
}

/** What zarrita asks for entries, by keys of ours. */
interface Entries {
  get(key: `/${string}`): Promise<Uint8Array>;
}

/** Lets zarrita read, and tells what is wrong with the entries from what went wrong in getting them. */
async function reading<T>(
  kind: 'array' | 'group',
  path: string,
  getEntry: GetEntry,
  read: (entries: Entries) => Promise<T>,
): Promise<T> {
  let notGot: { readonly error: unknown } | undefined;
  const entries: Entries = {
    async get(key) {
      const entry = below(path, key.slice(1));
      const bytes = await getEntry(entry).catch((error: unknown) => {
        notGot = { error };
        throw error;
      });
      // zarrita would read a missing chunk as zeros: ours are all written, so it is lost.
      if (!bytes) throw new InvalidZarrError(`the entry ${entry} is missing`);
      return bytes;
    },
  };
  try {
    return await read(entries);
  } catch (cause) {
    if (notGot !== undefined) throw notGot.error;
    if (cause instanceof InvalidZarrError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidZarrError(`${kind} ${path} cannot be read: ${why}`, { cause });
  }
}

const BYTES_PER_ENTRY: Readonly<Record<string, number>> = { float32: 4, int16: 2, int32: 4, uint8: 1 };

/** zarrita's own zstd is WebAssembly and does not look at the size that comes out. */
const zstdCodec = {
  kind: 'bytes_to_bytes' as const,
  fromConfig: (_configuration: unknown, chunk: { readonly dataType: string; readonly shape: readonly number[] }) => ({
    kind: 'bytes_to_bytes' as const,
    encode(): never {
      throw new TypeError('arrays are written by encodeZarrArray');
    },
    async decode(bytes: Uint8Array): Promise<Uint8Array> {
      const unpacked = await unzstd(bytes);
      const expected = product(chunk.shape) * (BYTES_PER_ENTRY[chunk.dataType] ?? Number.NaN);
      if (unpacked.byteLength === expected) return unpacked;
      throw new InvalidZarrError(`expected a chunk of ${expected} bytes, got ${unpacked.byteLength}`);
    },
  }),
};

const unzstd = (bytes: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    zstdDecompress(bytes, (error, unpacked) => {
      if (error) reject(error);
      else resolve(new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength));
    });
  });

const axes = ([a, b, c]: readonly [number, number, number]): [number, number, number] => [a, b, c];

const range = z.tuple([z.int(), z.int()]);
const triple = z.tuple([z.number(), z.number(), z.number()]);

/** The group's attributes; names as in nnU-Net's properties of a case. */
const caseAttributes = z.object({
  case_id: z.string(),
  /** After resampling, network order, mm. */
  spacing: triple,
  spacing_before_resampling: triple,
  shape_before_cropping: triple,
  bbox_used_for_cropping: z.tuple([range, range, range]),
  shape_after_cropping_and_before_resampling: triple,
  labels_with_locations: z.array(z.union([z.int(), z.array(z.int())])),
});

type CaseAttributes = z.infer<typeof caseAttributes>;

/**
 * A preprocessed case as a Zarr v3 group, entries by key: arrays `image` (C, z, y, x) float32, `label` (z, y, x) int16
 * and `class_locations/<label>` (n, 3) int32, all in network order; what is needed to undo it in the attributes.
 */
export function encodeCase({
  caseId,
  image,
  label,
  classLocations,
  record,
}: PreprocessedCase): Map<string, Uint8Array> {
  const attributes: CaseAttributes = {
    case_id: caseId,
    spacing: axes(image.spacing),
    spacing_before_resampling: axes(record.spacingBefore),
    shape_before_cropping: axes(record.shapeBeforeCropping),
    bbox_used_for_cropping: record.cropBox.map((sides) => [...sides]) as CaseAttributes['bbox_used_for_cropping'],
    shape_after_cropping_and_before_resampling: axes(record.shapeAfterCropping),
    labels_with_locations: classLocations.map(({ label }) => (typeof label === 'number' ? label : [...label])),
  };
  const imageShape = [image.channels, ...image.shape];
  const entries = new Map([
    ['zarr.json', groupBytes(attributes)],
    ...encodeZarrArray('image', imageShape, 'float32', image.data, volumeChunks(imageShape)),
    ...encodeZarrArray('label', label.shape, 'int16', label.data, volumeChunks(label.shape)),
    ['class_locations/zarr.json', groupBytes({})],
  ]);
  for (const { label, locations } of classLocations) {
    const shape = [locations.length / 3, 3];
    const path = `class_locations/${locationsName(label)}`;
    for (const [key, bytes] of encodeZarrArray(path, shape, 'int32', locations, [
      Math.max(1, locations.length / 3),
      3,
    ])) {
      entries.set(key, bytes);
    }
  }
  return entries;
}

/** A label's number; those of a region joined, `1_2`. */
const locationsName = (label: LabelOrRegion): string => labelsOf(label).join('_');

const groupBytes = (attributes: unknown): Uint8Array => jsonBytes({ zarr_format: 3, node_type: 'group', attributes });

/**
 * Reads a case that `encodeCase` wrote.
 *
 * @param prefix of its keys, without a slash at the end; empty for none.
 * @throws {InvalidZarrError} for an entry that is missing, damaged or not what it should be.
 */
export async function decodeCase(prefix: string, getEntry: GetEntry): Promise<PreprocessedCase> {
  const attributes = await readAttributes(prefix, getEntry);
  const image = await decodeZarrArray(below(prefix, 'image'), getEntry);
  const label = await decodeZarrArray(below(prefix, 'label'), getEntry);
  const [channels = 0, a = 0, b = 0, c = 0] = image.shape;
  if (!(image.data instanceof Float32Array && label.data instanceof Int16Array)) {
    throw new InvalidZarrError(`case ${prefix}: expected a float32 image and an int16 label`);
  }
  if (image.shape.length !== 4 || image.shape.slice(1).join() !== label.shape.join()) {
    throw new InvalidZarrError(`case ${prefix}: image ${image.shape.join(' x ')} and label ${label.shape.join(' x ')}`);
  }
  const grid = { shape: shapeNet(a, b, c), spacing: spacingNet(...attributes.spacing) };
  return {
    caseId: attributes.case_id,
    image: { ...grid, channels, data: image.data },
    label: { ...grid, data: label.data },
    classLocations: await Promise.all(
      attributes.labels_with_locations.map(async (value) => ({
        label: value,
        locations: Int32Array.from(
          (await decodeZarrArray(below(prefix, `class_locations/${locationsName(value)}`), getEntry)).data,
        ),
      })),
    ),
    record: recordOf(attributes),
  };
}

async function readAttributes(prefix: string, getEntry: GetEntry): Promise<CaseAttributes> {
  const group = await reading('group', prefix, getEntry, (entries) => open.v3(entries, { kind: 'group' }));
  const { success, data, error } = caseAttributes.safeParse(group.attrs);
  if (!success) throw new InvalidZarrError(`${prefix} is no preprocessed case`, { cause: error });
  return data;
}

const recordOf = (attributes: CaseAttributes): CropAndResampleRecord => ({
  shapeBeforeCropping: attributes.shape_before_cropping,
  cropBox: attributes.bbox_used_for_cropping,
  shapeAfterCropping: attributes.shape_after_cropping_and_before_resampling,
  spacingBefore: attributes.spacing_before_resampling,
});
