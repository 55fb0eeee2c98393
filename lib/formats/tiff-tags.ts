// The few tags of a TIFF that say how samples are to be shown or read, changed so that a picture library gives the
// samples themselves. TIFF 6.0 part 1; BigTIFF has the same tags in wider fields.

import { UnreadableImageError } from './unreadable-image-error.ts';

/** A TIFF that shows its samples as they are. */
export interface PlainTiff {
  readonly plain: Uint8Array;
  /** The samples are signed 16-bit numbers, now read as unsigned. */
  readonly signed16: boolean;
}

const BITS_PER_SAMPLE = 258;
const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const SAMPLE_FORMAT = 339;
const BLACK_IS_ZERO = 1;
/** White is zero, palette: an order to whoever draws. */
const ORDERS_TO_DRAW = [0, 3];
const UNSIGNED = 1;
const SIGNED = 2;
const FLOAT = 3;

/**
 * A copy of a TIFF with one sample per pixel whose samples are neither inverted, nor looked up, nor clipped at 0.
 *
 * Files with several samples per pixel come back unchanged, and so does what is no TIFF.
 *
 * @throws {UnreadableImageError} for a chain of pages that leaves the file or turns in a circle, and for samples of
 * other than 1, 8, 16 or 32 bits, or of 16 that are floating point.
 */
export function withPlainTags(bytes: Uint8Array): PlainTiff {
  const plain = Uint8Array.from(bytes);
  const tags = new Tags(plain);
  let signed16 = false;
  for (const directory of tags.directories()) {
    const bits = tags.valueOf(directory, BITS_PER_SAMPLE) ?? 1;
    const format = tags.valueOf(directory, SAMPLE_FORMAT) ?? UNSIGNED;
    if (![1, 8, 16, 32].includes(bits) || (bits === 16 && format === FLOAT))
      throw new UnreadableImageError(`TIFF samples of ${bits} bits; save as uint8, uint16 or float32`);
    if ((tags.valueOf(directory, SAMPLES_PER_PIXEL) ?? 1) > 1) continue;
    if (ORDERS_TO_DRAW.includes(tags.valueOf(directory, PHOTOMETRIC) ?? BLACK_IS_ZERO))
      tags.replace(directory, PHOTOMETRIC, BLACK_IS_ZERO);
    if (bits === 16 && format === SIGNED) {
      tags.replace(directory, SAMPLE_FORMAT, UNSIGNED);
      signed16 = true;
    }
  }
  return { plain, signed16 };
}

/** Where each tag's value stands. */
type Directory = ReadonlyMap<number, number>;

/** Reads and replaces tags whose value is one SHORT. */
class Tags {
  readonly #view: DataView;
  readonly #littleEndian: boolean;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = bytes[0] === 0x49;
  }

  valueOf(directory: Directory, tag: number): number | undefined {
    const at = directory.get(tag);
    return at === undefined ? undefined : this.#view.getUint16(at, this.#littleEndian);
  }

  replace(directory: Directory, tag: number, value: number): void {
    const at = directory.get(tag);
    if (at !== undefined) this.#view.setUint16(at, value, this.#littleEndian);
  }

  /** One per page, in their order; none if these are no TIFF's bytes. */
  directories(): Directory[] {
    try {
      return [...this.#chain()];
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      throw new UnreadableImageError('the list of TIFF pages leaves the file; copy the file again', { cause });
    }
  }

  *#chain(): Generator<Directory> {
    const order = this.#view.getUint16(0);
    const magic = this.#view.getUint16(2, this.#littleEndian);
    if ((order !== 0x4949 && order !== 0x4d4d) || (magic !== 42 && magic !== 43)) return;
    const big = magic === 43;
    const seen = new Set<number>();
    for (let at = big ? this.#offset(8, big) : this.#offset(4, big); at !== 0; ) {
      if (seen.has(at)) throw new RangeError('a page that comes again');
      seen.add(at);
      const { directory, next } = this.#directoryAt(at, big);
      yield directory;
      at = next;
    }
  }

  #directoryAt(at: number, big: boolean): { directory: Directory; next: number } {
    const count = big ? this.#offset(at, true) : this.#view.getUint16(at, this.#littleEndian);
    const first = at + (big ? 8 : 2);
    const width = big ? 20 : 12;
    const directory = new Map<number, number>();
    for (let entry = first; entry < first + count * width; entry += width) {
      const values = this.#offset(entry + 4, big);
      const value = entry + (big ? 12 : 8);
      // Several SHORTs that do not fit into the entry stand elsewhere; the first tells for all.
      const fits = values * 2 <= (big ? 8 : 4);
      directory.set(this.#view.getUint16(entry, this.#littleEndian), fits ? value : this.#offset(value, big));
    }
    return { directory, next: this.#offset(first + count * width, big) };
  }

  #offset(at: number, big: boolean): number {
    return big ? Number(this.#view.getBigUint64(at, this.#littleEndian)) : this.#view.getUint32(at, this.#littleEndian);
  }
}
