// Plain zip archives: entries stored or deflated, less than 4 GiB, no encryption. Under NumPy's .npz, PyTorch's
// checkpoints and the file that a model travels in. @see PKWARE APPNOTE 4.3

import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { BadInputError } from '#core/errors.ts';

/** Thrown when bytes are not a whole zip, or one of a kind that is not read. */
export class ZipUnreadableError extends BadInputError {
  readonly code = 'ZIP_UNREADABLE';
}

/** Largest size and offset that fits a plain zip's 32 bits. */
const MOST_BYTES = 0xffff_ffff;
const MOST_ENTRIES = 0xffff;
const STORED = 0;
const DEFLATED = 8;
const UTF8_NAME = 0x800;
const ENCRYPTED = 1;

/** Makes an archive piece by piece, so that it need not be held whole. Equal input gives equal bytes: no time is kept. */
export class ZipWriter {
  readonly #directory: Uint8Array[] = [];
  #offset = 0;

  /**
   * @returns the bytes that follow those returned before.
   * @throws {RangeError} from 4 GiB on, which a plain zip cannot hold.
   */
  add(name: string, content: Uint8Array, how: 'stored' | 'deflated'): Uint8Array[] {
    const body = how === 'stored' ? content : deflateRawSync(content);
    const nameBytes = Buffer.from(name);
    const reach = Math.max(content.length, this.#offset + body.length);
    if (reach > MOST_BYTES) throw new RangeError(`a zip holds less than 4 GiB, ${name} reaches ${reach} bytes`);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0); // version 2.0
    facts.writeUInt16LE(nameBytes.length === name.length ? 0 : UTF8_NAME, 2);
    facts.writeUInt16LE(how === 'stored' ? STORED : DEFLATED, 4);
    facts.writeUInt16LE(0x21, 8); // 1980-01-01
    facts.writeUInt32LE(crc32(content), 10);
    facts.writeUInt32LE(body.length, 14);
    facts.writeUInt32LE(content.length, 18);
    facts.writeUInt16LE(nameBytes.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(this.#offset, 10);
    this.#directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), facts, place, nameBytes]));
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), facts, nameBytes]);
    this.#offset += local.length + body.length;
    return [local, body];
  }

  /** The last bytes: the directory. @throws {RangeError} from 65 536 entries or 4 GiB on. */
  end(): Uint8Array {
    const directory = Buffer.concat(this.#directory);
    const entries = this.#directory.length;
    if (entries > MOST_ENTRIES || this.#offset > MOST_BYTES)
      throw new RangeError(`a zip holds less than 65536 entries and 4 GiB, got ${entries} and ${this.#offset} bytes`);
    const record = Buffer.alloc(22);
    record.write('PK\x05\x06', 'latin1');
    record.writeUInt16LE(entries, 8);
    record.writeUInt16LE(entries, 10);
    record.writeUInt32LE(directory.length, 12);
    record.writeUInt32LE(this.#offset, 16);
    return Buffer.concat([directory, record]);
  }
}

/**
 * Unpacks an entry.
 *
 * @param most bytes that the caller takes; left out, as many as the entry states. A small file may state 4 GiB.
 * @throws {ZipUnreadableError} when it states more, before anything is unpacked; or when its bytes are not those that
 * were packed.
 */
export type ZipEntry = (most?: number) => Uint8Array;

const END_LENGTH = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * The entries of an archive by name, folders left out. Nothing is unpacked, and no entry unpacks to more than it states.
 *
 * @throws {ZipUnreadableError} for a file that is cut off, encrypted, in several parts, of 4 GiB or more, packed in
 * another way than deflate, or with two entries of one name.
 */
export function readZip(bytes: Uint8Array): Map<string, ZipEntry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    return entriesOf(bytes, view, endOfDirectory(view));
  } catch (cause) {
    // Offsets that a damaged directory gives lead out of the file.
    if (cause instanceof RangeError) throw new ZipUnreadableError('the zip file is damaged or cut off', { cause });
    throw cause;
  }
}

function endOfDirectory(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_LENGTH - LONGEST_COMMENT);
  for (let at = view.byteLength - END_LENGTH; at >= first; at--) if (view.getUint32(at, true) === 0x06054b50) return at;
  throw new ZipUnreadableError('the file is no zip, or it is cut off: it has no directory at its end');
}

function entriesOf(bytes: Uint8Array, view: DataView, end: number): Map<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  if (count === MOST_ENTRIES || at === MOST_BYTES) throw new ZipUnreadableError('a zip of 4 GiB or more is not read');
  for (let i = 0; i < count; i++) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new ZipUnreadableError('the directory of the zip is damaged');
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    if (entries.has(name)) throw new ZipUnreadableError(`the zip has two entries ${name}`);
    if (!name.endsWith('/')) entries.set(name, entryAt(bytes, view, at, name));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, name: string): ZipEntry {
  const method = view.getUint16(at + 10, true);
  const checksum = view.getUint32(at + 16, true);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  const local = view.getUint32(at + 42, true);
  if ((view.getUint16(at + 8, true) & ENCRYPTED) !== 0) throw new ZipUnreadableError(`${name} is encrypted`);
  if (method !== STORED && method !== DEFLATED)
    throw new ZipUnreadableError(`${name} is packed with method ${method}; only stored and deflated entries are read`);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packed > bytes.length) throw new ZipUnreadableError(`the zip ends inside ${name}`);
  return (most = size) => {
    if (size > most) throw new ZipUnreadableError(`${name} holds ${size} bytes, expected at most ${most}`);
    const body = bytes.subarray(start, start + packed);
    const content = method === STORED ? body : inflated(body, size, name);
    if (content.length !== size || crc32(content) !== checksum)
      throw new ZipUnreadableError(`${name} is damaged: its checksum differs; copy the file again`);
    return content;
  };
}

function inflated(body: Uint8Array, size: number, name: string): Uint8Array {
  try {
    return inflateRawSync(body, { maxOutputLength: Math.max(size, 1) });
  } catch (cause) {
    throw new ZipUnreadableError(`${name} does not unpack to the ${size} bytes that the zip states`, { cause });
  }
}
