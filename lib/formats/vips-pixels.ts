// Samples of PNG and TIFF files through libvips, as stored: no colour management, no scaling, no rounding to 8 bits.

import type { Metadata, Sharp } from 'sharp';
import type { Pixels } from './image-volume.ts';
import { UnreadableImageError } from './unreadable-image-error.ts';

/**
 * Every page of a PNG or TIFF file.
 *
 * An image of 1 bit has the values 0 and 1. A palette is looked up.
 *
 * @throws {UnreadableImageError} for a damaged or truncated file, and one of another format than its name says.
 */
export async function decodePixels(bytes: Uint8Array, format: 'png' | 'tiff'): Promise<Pixels> {
  const { metadata, data, info } = await decoded(bytes, format);
  if (metadata.bitsPerSample === 1) for (let i = 0; i < data.length; i++) data[i] = data[i] === 0 ? 0 : 1;
  const { channels, width } = info;
  const pages = metadata.pages ?? 1;
  // An 8-bit picture of greys and alpha comes without its alpha.
  const alpha = metadata.hasAlpha && (channels === 2 || channels === 4);
  return { pages, height: info.height / pages, width, channels, alpha, data };
}

async function decoded(bytes: Uint8Array, format: 'png' | 'tiff') {
  try {
    const metadata = await (await open(bytes)).metadata();
    if (metadata.format !== format) throw new Error(`it is a ${metadata.format}`);
    refuseInexact(metadata);
    const pipeline = (await open(bytes, { pages: -1 })).toColourspace(metadata.space).raw({ depth: 'float' });
    const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
    // A copy starts at a multiple of four bytes, a Buffer from the pool need not.
    return { metadata, data: new Float32Array(new Uint8Array(data).buffer), info };
  } catch (cause) {
    const [reason] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
    throw new UnreadableImageError(`not a whole ${format.toUpperCase()} image: ${reason}`, { cause });
  }
}

/** What libvips would change on its way. */
function refuseInexact({ depth, space }: Metadata): void {
  if (depth === 'short' && space === 'grey16') throw new Error('signed 16-bit samples; save as float32');
  if (depth === 'complex' || depth === 'dpcomplex') throw new Error('complex samples; save as float32');
}

/** One channel of labels as a PNG, 8 or 16 bits deep as the array is. */
export const encodePng = async (labels: Uint8Array | Uint16Array, height: number, width: number): Promise<Uint8Array> =>
  (await fromLabels(labels, 1, height, width)).png().toBuffer();

/** One channel of labels as a deflated TIFF of `pages`, 8 or 16 bits deep as the array is. */
export const encodeTiff = async (
  labels: Uint8Array | Uint16Array,
  pages: number,
  height: number,
  width: number,
): Promise<Uint8Array> =>
  (await fromLabels(labels, pages, height, width)).tiff({ compression: 'deflate', predictor: 'none' }).toBuffer();

async function fromLabels(labels: Uint8Array | Uint16Array, pages: number, height: number, width: number) {
  const raw = { width, height: pages * height, channels: 1 as const, ...(pages > 1 ? { pageHeight: height } : {}) };
  const image = await open(labels, { raw });
  return image.toColourspace(labels instanceof Uint16Array ? 'grey16' : 'b-w');
}

/** The native library is loaded by whoever has such a file, not by all. */
async function open(input: Uint8Array | Uint16Array, options: object = {}): Promise<Sharp> {
  const { default: sharp } = await import('sharp');
  return sharp(input, { ...options, ignoreIcc: true, limitInputPixels: false });
}
