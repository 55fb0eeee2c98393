// Reads NumPy's .npz (a zip of .npy) for golden values. Only what those files hold: stored or deflated entries, little
// endian numbers and booleans, C order.

import { inflateRawSync } from 'node:zlib';

/** An array as NumPy wrote it. Integers beyond 2^53 are not expected; float16 and int64 come as float64 numbers. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array;
}

/** The arrays of an .npz file by name. @throws {RangeError} for a dtype or layout that is not read here. */
export function readNpz(bytes: Uint8Array): Map<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  for (const [name, entry] of zipEntries(bytes)) arrays.set(name.replace(/\.npy$/, ''), readNpy(entry));
  return arrays;
}

function* zipEntries(bytes: Uint8Array): Generator<[string, Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  for (let i = 0; i < count; i++) {
    const method = view.getUint16(at + 10, true);
    const compressed = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const stored = bytes.subarray(start, start + compressed);
    yield [name, method === 0 ? stored : inflateRawSync(stored)];
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** One .npy file. @throws {RangeError} for a dtype or layout that is not read here. */
export function readNpy(bytes: Uint8Array): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6] ?? 0;
  const headerAt = major === 1 ? 10 : 12;
  const headerLength = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = new TextDecoder().decode(bytes.subarray(headerAt, headerAt + headerLength));
  const dtype = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((s) => s.trim())
    .map(Number);
  if (/'fortran_order': True/.test(header)) throw new RangeError('npy: Fortran order is not read here');
  const count = shape.reduce((a, b) => a * b, 1);
  // A copy, so that it is aligned; `slice` of a Buffer would not copy.
  const body = new Uint8Array(bytes.subarray(headerAt + headerLength)).buffer;
  return { shape, dtype, data: decode(dtype, body, count) };
}

function decode(dtype: string, body: ArrayBuffer, count: number): NpyArray['data'] {
  switch (dtype) {
    case '<f4':
      return new Float32Array(body, 0, count);
    case '<f8':
      return new Float64Array(body, 0, count);
    case '|b1':
    case '|u1':
      return new Uint8Array(body, 0, count);
    case '|i1':
      return new Int8Array(body, 0, count);
    case '<i2':
      return new Int16Array(body, 0, count);
    case '<u2':
      return new Uint16Array(body, 0, count);
    case '<i4':
      return new Int32Array(body, 0, count);
    case '<i8':
      return Float64Array.from(new BigInt64Array(body, 0, count), Number);
    case '<u8':
      return Float64Array.from(new BigUint64Array(body, 0, count), Number);
    case '<f2':
      return Float64Array.from(new Float16Array(body, 0, count));
    default:
      throw new RangeError(`npy: dtype ${dtype} is not read here`);
  }
}
