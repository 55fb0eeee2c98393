// Writes NumPy's .npz: a zip of .npy files. What `numpy.savez_compressed` writes for float32 arrays, and no more.

import { crc32, deflateRawSync } from 'node:zlib';
import type { Tensor } from '#core/network/tensor.ts';

/**
 * The arrays as one .npz file, deflated. Equal input gives equal bytes: the entries carry no time.
 *
 * @param arrays by name, without `.npy`; written as little-endian float32 in C order.
 * @throws {RangeError} from 4 GiB on, which a plain zip cannot hold.
 * @see NumPy Enhancement Proposal 1 (the .npy format, version 1.0); PKWARE APPNOTE 4.3 (zip)
 */
export function encodeNpz(arrays: ReadonlyMap<string, Tensor>): Uint8Array {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [name, tensor] of arrays) {
    const entry = zipEntry(`${name}.npy`, encodeNpy(tensor), offset);
    parts.push(entry.local, entry.body);
    directory.push(entry.central);
    offset += entry.local.length + entry.body.length;
  }
  const directoryBytes = directory.reduce((sum, record) => sum + record.length, 0);
  return Buffer.concat([...parts, ...directory, endOfDirectory(directory.length, directoryBytes, offset)]);
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

/** Largest size and offset that fits a plain zip's 32 bits. */
const MOST_BYTES = 0xffff_ffff;

function zipEntry(fileName: string, content: Uint8Array, offset: number) {
  const body = deflateRawSync(content);
  const longest = Math.max(content.length, offset + body.length);
  if (longest > MOST_BYTES) throw new RangeError(`an .npz holds less than 4 GiB, ${fileName} reaches ${longest} bytes`);
  const name = Buffer.from(fileName, 'latin1');
  // Version 2.0, no flags, deflate, 1980-01-01 00:00, checksum, sizes, length of the name, no extra field.
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(8, 4);
  facts.writeUInt16LE(0x21, 8);
  facts.writeUInt32LE(crc32(content), 10);
  facts.writeUInt32LE(body.length, 14);
  facts.writeUInt32LE(content.length, 18);
  facts.writeUInt16LE(name.length, 22);
  const place = Buffer.alloc(14);
  place.writeUInt32LE(offset, 10);
  return {
    body,
    local: Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, name]),
    central: Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, place, name]),
  };
}

function endOfDirectory(entries: number, bytes: number, offset: number): Uint8Array {
  const record = Buffer.alloc(22);
  record.write('PK\x05\x06', 'latin1');
  record.writeUInt16LE(entries, 8);
  record.writeUInt16LE(entries, 10);
  record.writeUInt32LE(bytes, 12);
  record.writeUInt32LE(offset, 16);
  return record;
}
