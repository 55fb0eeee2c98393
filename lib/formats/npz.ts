// Writes NumPy's .npz: a zip of .npy files. What `numpy.savez_compressed` writes for float32 arrays, and no more.

import type { Tensor } from '#core/network/tensor.ts';
import { ZipWriter } from './zip.ts';

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
