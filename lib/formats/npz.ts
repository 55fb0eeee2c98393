// NumPy's .npz: a zip of .npy files. Of float32 arrays what `numpy.savez_compressed` writes; float16 is read too.

import { BadInputError } from '#core/errors.ts';
import type { Tensor } from '#core/network/tensor.ts';
import { readZip, ZipWriter } from './zip.ts';

/** Thrown when an array of an .npz is not one of float16 or float32 numbers in C order, or is cut off. */
export class NpzUnreadableError extends BadInputError {
  readonly code = 'NPZ_UNREADABLE';
}

/**
 * The arrays as one .npz file, deflated. Equal input gives equal bytes: the entries carry no time.
 *
 * @param arrays by name, without `.npy`; written as little-endian float32 in C order.
 * @throws {RangeError} from 4 GiB on, which a plain zip cannot hold.
 * @see NumPy Enhancement Proposal 1 (the .npy format, version 1.0)
 */
export function encodeNpz(arrays: ReadonlyMap<string, Tensor>): Uint8Array {
  const zip = new ZipWriter();
  const entries = [...arrays].flatMap(([name, tensor]) => zip.add(`${name}.npy`, encodeNpy(tensor), 'deflated'));
  return Buffer.concat([...entries, zip.end()]);
}

function encodeNpy({ shape, data }: Tensor): Uint8Array {
  const dimensions = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dimensions}), }`;
  // Magic, version and length take 10 bytes; with the description and its line feed they fill whole blocks of 64.
  const header = Buffer.from(
    description.padEnd(Math.ceil((description.length + 11) / 64) * 64 - 11).concat('\n'),
    'latin1',
  );
  const preamble = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 0xff, header.length >> 8]);
  return Buffer.concat([preamble, header, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]);
}

/** What a description takes at most, in version 1. */
const LONGEST_DESCRIPTION = 2 ** 16;

/**
 * One array of an .npz file as float32.
 *
 * @param name without `.npy`.
 * @param most numbers that the caller takes. A small file may unpack to a thousand times its size.
 * @throws {ZipUnreadableError} when the file is no whole zip, or states more than `most` numbers take; then nothing is
 * unpacked. @throws {NpzUnreadableError} when it has no array of that name, or one that is not read here; a float64 would
 * lose digits without a word.
 */
export function decodeNpz(bytes: Uint8Array, name: string, most: number): Tensor {
  const entries = readZip(bytes);
  const entry = entries.get(`${name}.npy`);
  if (entry !== undefined) return decodeNpy(entry(4 * most + LONGEST_DESCRIPTION), name);
  const names = [...entries.keys()].map((path) => path.replace(/\.npy$/, '')).join(', ');
  throw new NpzUnreadableError(`the .npz has no array ${name}; it has ${names || 'none'}`);
}

/** The three fields in the order that NumPy writes them. */
const DESCRIPTION = /^\{'descr': '([^']+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), ?\}\s*$/;

function decodeNpy(bytes: Uint8Array, name: string): Tensor {
  const { description, body } = partsOf(bytes, name);
  const [, type = '', fortranOrder, extents = ''] = DESCRIPTION.exec(description) ?? [];
  if (fortranOrder !== 'False' || !(type === '<f4' || type === '<f2'))
    throw new NpzUnreadableError(`expected ${name} as '<f4' or '<f2' in C order, got ${description.trim()}`);
  const shape = extents.split(',').flatMap((extent) => (extent.trim() === '' ? [] : [Number(extent)]));
  const count = shape.reduce((a, b) => a * b, 1);
  const wanted = count * (type === '<f4' ? 4 : 2);
  if (body.length !== wanted)
    throw new NpzUnreadableError(`${name} of shape (${shape.join(', ')}) takes ${wanted} bytes, got ${body.length}`);
  // A copy, which is aligned.
  const { buffer } = Uint8Array.from(body);
  return { shape, data: type === '<f4' ? new Float32Array(buffer) : Float32Array.from(new Float16Array(buffer)) };
}

function partsOf(bytes: Uint8Array, name: string): { readonly description: string; readonly body: Uint8Array } {
  const magic = Buffer.from(bytes.subarray(0, 6)).toString('latin1');
  const version = bytes[6];
  if (magic !== '\x93NUMPY' || bytes.length < 12 || !(version === 1 || version === 2 || version === 3))
    throw new NpzUnreadableError(`${name} is no .npy array of version 1 to 3`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const end = start + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  return { description: Buffer.from(bytes.subarray(start, end)).toString('latin1'), body: bytes.subarray(end) };
}
