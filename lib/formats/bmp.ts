// BMP without compression, of 8, 24 or 32 bits per pixel.

import { type ImageVolume, type Pixels, volumeOf } from './image-volume.ts';
import { PICTURE_SPACING } from './picture-spacing.ts';
import { UnreadableImageError } from './unreadable-image-error.ts';

const FILE_HEADER_BYTES = 14;
const INFO_HEADER_BYTES = 40;
const PALETTE_ENTRIES = 256;

/**
 * A BMP as one slice: red, green, blue, or one channel where the palette is the ramp of greys. Transparency is left out.
 *
 * @throws {UnreadableImageError} for a truncated file, a compressed one, and one of 1, 4 or 16 bits per pixel.
 */
export function readBmp(bytes: Uint8Array): ImageVolume {
  try {
    return volumeOf(pixelsOf(bytes), PICTURE_SPACING);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UnreadableImageError(`not a whole BMP image (${bytes.byteLength} bytes)`, { cause });
  }
}

function pixelsOf(bytes: Uint8Array): Pixels {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint16(0) !== 0x424d) throw new RangeError('no BMP');
  const width = view.getInt32(18, true);
  const rows = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (![8, 24, 32].includes(bits) || compression !== 0)
    throw new UnreadableImageError(`a BMP of ${bits} bits per pixel, compression ${compression}; save as PNG`);
  const height = Math.abs(rows);
  const stride = paddedRow(width * (bits / 8));
  const start = view.getUint32(10, true);
  if (width < 1 || height < 1 || start + stride * height > bytes.byteLength)
    throw new RangeError('no or not all pixels');
  const palette = bits === 8 ? paletteOf(view, bytes) : null;
  const channels = palette?.grey ? 1 : 3;
  const data = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    // A positive number of rows says that they stand from the lowest up.
    const row = start + stride * (rows > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const at = row + x * (bits / 8);
      const blue = palette ? palette.start + 4 * (bytes[at] ?? 0) : at;
      for (let c = 0; c < channels; c++) data[(y * width + x) * channels + c] = bytes[blue + channels - 1 - c] ?? 0;
    }
  }
  return { pages: 1, height, width, channels, alpha: false, data };
}

/** Entries of blue, green, red and an unused byte. */
function paletteOf(view: DataView, bytes: Uint8Array): { start: number; grey: boolean } {
  const start = FILE_HEADER_BYTES + view.getUint32(14, true);
  const entries = view.getUint32(46, true) || PALETTE_ENTRIES;
  const grey = Array.from({ length: entries }, (_, i) => i).every((i) =>
    [0, 1, 2].every((colour) => bytes[start + 4 * i + colour] === i),
  );
  return { start, grey };
}

/** Rows end at a multiple of four bytes. */
const paddedRow = (bytes: number): number => Math.ceil(bytes / 4) * 4;

/** One channel of labels as a BMP of 8 bits per pixel. @throws {RangeError} for labels above 255, which it cannot hold. */
export function encodeBmp(labels: Uint8Array | Uint16Array, height: number, width: number): Uint8Array {
  if (labels instanceof Uint16Array) throw new RangeError('a BMP holds labels up to 255; use another file ending');
  const stride = paddedRow(width);
  const start = FILE_HEADER_BYTES + INFO_HEADER_BYTES + PALETTE_ENTRIES * 4;
  const file = new Uint8Array(start + stride * height);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(2, file.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, INFO_HEADER_BYTES, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 8, true);
  view.setUint32(46, PALETTE_ENTRIES, true);
  for (let i = 0; i < PALETTE_ENTRIES; i++) file.fill(i, start - 4 * (256 - i), start - 4 * (256 - i) + 3);
  for (let y = 0; y < height; y++)
    file.set(labels.subarray(y * width, (y + 1) * width), start + stride * (height - 1 - y));
  return file;
}
