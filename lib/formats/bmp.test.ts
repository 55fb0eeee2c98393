import { describe, expect, it } from 'vitest';
import { encodeBmp, readBmp } from './bmp.ts';

/** A BMP of 24 or 32 bits per pixel, two pixels wide, rows as they lie in the file. */
function colours(bits: 24 | 32, rows: number, body: readonly number[]): Uint8Array {
  const file = new Uint8Array(54 + body.length);
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x424d);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, 2, true);
  view.setInt32(22, rows, true);
  view.setUint16(28, bits, true);
  file.set(body, 54);
  return file;
}

describe('readBmp', () => {
  it('turns rows of blue, green, red into channels red, green, blue, the lowest row last', () => {
    const body = [3, 2, 1, 6, 5, 4, 0, 0, 9, 8, 7, 12, 11, 10, 0, 0];
    const volume = readBmp(colours(24, 2, body));
    expect([volume.channels, ...volume.shape]).toEqual([3, 1, 2, 2]);
    expect([...volume.data]).toEqual([7, 10, 1, 4, 8, 11, 2, 5, 9, 12, 3, 6]);
    expect(volume.spacing).toEqual([999, 1, 1]);
  });

  it('reads rows from above when their number is negative, and leaves a fourth byte out', () => {
    const volume = readBmp(colours(32, -1, [3, 2, 1, 99, 6, 5, 4, 99]));
    expect([...volume.data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('looks colours up in a palette that is not the ramp of greys', () => {
    const file = encodeBmp(Uint8Array.of(0, 2), 1, 2);
    file.set([30, 20, 10, 0], 54 + 2 * 4);
    const volume = readBmp(file);
    expect([...volume.data]).toEqual([0, 10, 0, 20, 0, 30]);
  });

  it.each([
    {
      name: 'a file cut short',
      bytes: colours(24, 2, [1, 2, 3, 4, 5, 6, 0, 0]),
      message: 'not a whole BMP image (62 bytes)',
    },
    { name: 'text', bytes: new TextEncoder().encode('no'), message: 'not a whole BMP image' },
  ])('refuses $name', ({ bytes, message }) => {
    expect(() => readBmp(bytes)).toThrow(message);
  });

  it('refuses compressed pixels', () => {
    const file = encodeBmp(Uint8Array.of(1, 2), 1, 2);
    new DataView(file.buffer).setUint32(30, 1, true);
    expect(() => readBmp(file)).toThrow('a BMP of 8 bits per pixel, compression 1; save as PNG');
  });
});

describe('encodeBmp', () => {
  it('gives back the same labels as one channel', () => {
    const labels = Uint8Array.of(0, 1, 2, 3, 4, 255);
    const volume = readBmp(encodeBmp(labels, 2, 3));
    expect([volume.channels, ...volume.shape]).toEqual([1, 1, 2, 3]);
    expect([...volume.data]).toEqual([...labels]);
  });

  it('refuses labels above 255', () => {
    expect(() => encodeBmp(Uint16Array.of(256), 1, 1)).toThrow('a BMP holds labels up to 255');
  });
});
