import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { madeTiff } from '#test/made-tiff.ts';
import { IMAGE_FORMATS, type ImageEnding } from './image-format.ts';
import { withoutSurplusAlpha } from './image-volume.ts';
import { axisAlignedGeometry } from './nifti-geometry.ts';

const spacing = spacingZyx(3, 0.5, 0.25);
const gridOf = (slices: number) => ({
  shape: shapeZyx(slices, 2, 3),
  spacing,
  geometry: axisAlignedGeometry(spacing),
});
const endings = Object.keys(IMAGE_FORMATS) as ImageEnding[];
const sidecarBytes = (text: string | null) => (text === null ? undefined : new TextEncoder().encode(text));

describe('labels that were written are read again', () => {
  const written = endings.flatMap((ending) => [
    { ending, slices: 1, labels: Uint8Array.of(0, 1, 2, 3, 254, 255) },
    ...(ending === '.bmp' ? [] : [{ ending, slices: 1, labels: Uint16Array.of(0, 1, 2, 3, 256, 65535) }]),
    ...(['.png', '.bmp'].includes(ending)
      ? []
      : [{ ending, slices: 3, labels: Uint8Array.from({ length: 18 }, (_, i) => i) }]),
  ]);
  it.each(written)(
    '$ending, $slices slices, $labels.BYTES_PER_ELEMENT bytes each',
    async ({ ending, slices, labels }) => {
      const format = IMAGE_FORMATS[ending];
      const { file, sidecar } = await format.writeLabels(labels, gridOf(slices));
      const volume = await format.read(file, sidecarBytes(sidecar));
      expect([...volume.data]).toEqual([...labels]);
      expect([volume.channels, ...volume.shape]).toEqual([1, slices, 2, 3]);
      expect(volume.spacing).toEqual(['.png', '.bmp'].includes(ending) ? [999, 1, 1] : [3, 0.5, 0.25]);
      expect(volume.warnings).toEqual([]);
    },
  );

  it.each(endings)('and equal labels give equal bytes: %s', async (ending) => {
    const write = () => IMAGE_FORMATS[ending].writeLabels(Uint8Array.of(0, 1, 2, 3, 4, 5), gridOf(1));
    expect(await write()).toEqual(await write());
  });

  it.each(['.png', '.bmp'] as const)('refuses several slices in %s', async (ending) => {
    await expect(IMAGE_FORMATS[ending].writeLabels(new Uint8Array(18), gridOf(3))).rejects.toThrow(
      'a picture has one slice, got 3',
    );
  });

  it.each(endings)('refuses labels that do not fill their grid: %s', async (ending) => {
    await expect(IMAGE_FORMATS[ending].writeLabels(new Uint8Array(5), gridOf(1))).rejects.toThrow(
      'shape 1 x 2 x 3 has 6 voxels, got 5',
    );
  });
});

/** One byte of the first pixels changed. */
function flipped(png: Uint8Array): Uint8Array {
  const at = Buffer.from(png).indexOf('IDAT') + 10;
  return png.map((byte, i) => (i === at ? byte ^ 255 : byte));
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type), body]);
  const frame = Buffer.alloc(named.length + 8);
  frame.writeUInt32BE(body.length);
  frame.set(named, 4);
  frame.writeUInt32BE(crc32(named), frame.length - 4);
  return frame;
}

describe('a PNG', () => {
  const { read } = IMAGE_FORMATS['.png'];
  const made = (samples: Uint8Array | Uint16Array, channels: 1 | 2 | 3 | 4, space: string) =>
    sharp(samples, { raw: { width: 2, height: 1, channels } })
      .toColourspace(space)
      .png()
      .toBuffer();

  it('of 16 bits keeps them', async () => {
    const { data } = await read(await made(Uint16Array.of(1, 65535, 300, 2, 40000, 7), 3, 'rgb16'));
    expect([...data]).toEqual([1, 2, 65535, 40000, 300, 7]);
  });

  it('with a colour profile and gamma is read as stored', async () => {
    const samples = Uint8Array.of(10, 20, 30, 200, 100, 50);
    const file = await sharp(samples, { raw: { width: 2, height: 1, channels: 3 } })
      .withIccProfile('p3', { attach: true })
      .png()
      .toBuffer();
    const stored = await sharp(file, { ignoreIcc: true }).raw().toBuffer();
    const { data } = await read(file);
    expect([...data]).toEqual([0, 3, 1, 4, 2, 5].map((i) => stored[i]));
  });

  it('of 1 bit has 0 and 1', async () => {
    // Two pixels of one row: filter 0, then the bits 0 and 1.
    const chunks = [
      chunk('IHDR', Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 1, 1, 0, 0, 0, 0)),
      chunk('IDAT', deflateSync(Uint8Array.of(0, 0b01000000))),
      chunk('IEND', new Uint8Array(0)),
    ];
    const { data } = await read(Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]));
    expect([...data]).toEqual([0, 1]);
  });

  it('keeps transparency as its last channel, which goes where the data set names one channel less', async () => {
    const volume = await read(await made(Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255), 4, 'srgb'));
    expect([volume.channels, volume.alpha]).toEqual([4, true]);
    expect(withoutSurplusAlpha(volume, 4)).toBe(volume);
    const opaque = withoutSurplusAlpha(volume, 3);
    expect([opaque.channels, opaque.alpha, ...opaque.data]).toEqual([3, false, 1, 4, 2, 5, 3, 6]);
  });

  it.each([
    { name: 'cut short', of: (file: Uint8Array) => file.subarray(0, file.length - 20) },
    { name: 'damaged', of: flipped },
    { name: 'empty', of: () => new Uint8Array(0) },
    { name: 'a TIFF by another name', of: () => madeTiff({ width: 2, height: 1, pages: [Uint8Array.of(1, 2)] }) },
  ])('is refused when it is $name', async ({ of }) => {
    const file = await made(Uint8Array.of(1, 2, 3, 4, 5, 6), 3, 'srgb');
    await expect(read(of(file))).rejects.toThrow('not a whole PNG image');
  });
});
