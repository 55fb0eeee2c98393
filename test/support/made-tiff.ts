// Uncompressed TIFFs of known content, one strip per page, as a microscope's program might write them.

type Samples = Uint8Array | Int16Array | Uint16Array | Int32Array | Float16Array | Float32Array | Float64Array;

export interface MadeTiff {
  readonly width: number;
  readonly height: number;
  /** Samples per pixel; default 1. */
  readonly channels?: number;
  /** (y, x, C) of each page. */
  readonly pages: readonly Samples[];
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette. Default 1, or 2 from three channels on. */
  readonly photometric?: number;
}

const ENTRIES = 10;
const DIRECTORY_BYTES = 2 + ENTRIES * 12 + 4;
const SHORT = 3;
const LONG = 4;

/** @see TIFF revision 6.0, sections 2 to 7 */
export function madeTiff({ width, height, channels = 1, pages, photometric }: MadeTiff): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0x49, 0x49, 42, 0, 8, 0, 0, 0)];
  let at = 8;
  for (const [i, samples] of pages.entries()) {
    const listsAt = at + DIRECTORY_BYTES;
    const samplesAt = listsAt + channels * 4;
    const end = Math.ceil((samplesAt + samples.byteLength) / 2) * 2;
    const directory: [tag: number, type: number, count: number, value: number][] = [
      [256, LONG, 1, width],
      [257, LONG, 1, height],
      [258, SHORT, channels, channels > 2 ? listsAt : bits(samples) * (channels === 2 ? 0x10001 : 1)],
      [259, SHORT, 1, 1],
      [262, SHORT, 1, photometric ?? (channels > 2 ? 2 : 1)],
      [273, LONG, 1, samplesAt],
      [277, SHORT, 1, channels],
      [278, LONG, 1, height],
      [279, LONG, 1, samples.byteLength],
      [
        339,
        SHORT,
        channels,
        channels > 2 ? listsAt + channels * 2 : sampleFormat(samples) * (channels === 2 ? 0x10001 : 1),
      ],
    ];
    const page = new DataView(new ArrayBuffer(end - at));
    page.setUint16(0, ENTRIES, true);
    for (const [n, [tag, type, count, value]] of directory.entries()) {
      page.setUint16(2 + n * 12, tag, true);
      page.setUint16(4 + n * 12, type, true);
      page.setUint32(6 + n * 12, count, true);
      page.setUint32(10 + n * 12, value, true);
    }
    page.setUint32(DIRECTORY_BYTES - 4, i + 1 < pages.length ? end : 0, true);
    for (let c = 0; c < channels; c++) {
      page.setUint16(DIRECTORY_BYTES + c * 2, bits(samples), true);
      page.setUint16(DIRECTORY_BYTES + channels * 2 + c * 2, sampleFormat(samples), true);
    }
    const bytes = new Uint8Array(page.buffer);
    bytes.set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength), samplesAt - at);
    parts.push(bytes);
    at = end;
  }
  return Uint8Array.from(Buffer.concat(parts));
}

const bits = (samples: Samples): number => samples.BYTES_PER_ELEMENT * 8;

function sampleFormat(samples: Samples): number {
  if (samples instanceof Float16Array || samples instanceof Float32Array || samples instanceof Float64Array) return 3;
  return samples instanceof Int16Array || samples instanceof Int32Array ? 2 : 1;
}
