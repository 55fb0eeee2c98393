import { describe, expect, it } from 'vitest';
import { madeTiff } from '#test/made-tiff.ts';
import { readTiff } from './tiff.ts';
import { UnreadableImageError } from './unreadable-image-error.ts';

const two = { width: 2, height: 1 };
const sidecar = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe('readTiff', () => {
  it.each([
    { name: 'uint8', page: Uint8Array.of(0, 255), want: [0, 255] },
    { name: 'uint16', page: Uint16Array.of(1, 65535), want: [1, 65535] },
    { name: 'int16', page: Int16Array.of(-1024, 3071), want: [-1024, 3071] },
    { name: 'int32', page: Int32Array.of(-70000, 70000), want: [-70000, 70000] },
    { name: 'float32', page: Float32Array.of(-0.25, 1e6), want: [-0.25, 1e6] },
  ])('gives $name samples as they are stored', async ({ page, want }) => {
    const { data, channels } = await readTiff(madeTiff({ ...two, pages: [page] }));
    expect([...data]).toEqual(want);
    expect(channels).toBe(1);
  });

  it.each([
    { name: 'white as zero', photometric: 0 },
    { name: 'a palette', photometric: 3 },
  ])('takes no order to draw for the samples: $name', async ({ photometric }) => {
    const { data } = await readTiff(madeTiff({ ...two, pages: [Uint8Array.of(0, 3)], photometric }));
    expect([...data]).toEqual([0, 3]);
  });

  it('makes pages slices, in their order, and colours channels', async () => {
    const rgb = [Uint16Array.of(1, 2, 3, 4, 5, 6), Uint16Array.of(7, 8, 9, 10, 11, 12)];
    const volume = await readTiff(madeTiff({ ...two, channels: 3, pages: rgb }));
    expect(volume.channels).toBe(3);
    expect(volume.shape).toEqual([2, 1, 2]);
    expect([...volume.data]).toEqual([1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]);
  });

  it('takes the spacing from the file beside it', async () => {
    const stack = madeTiff({ ...two, pages: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)] });
    const volume = await readTiff(stack, sidecar({ spacing: [5, 0.5, 0.4] }));
    expect(volume.spacing).toEqual([5, 0.5, 0.4]);
    expect(volume.geometry.pixdim.slice(1, 4)).toEqual([0.4, 0.5, 5]);
    expect(volume.warnings).toEqual([]);
  });

  it('assumes 1 mm for a stack without one, and says so', async () => {
    const volume = await readTiff(madeTiff({ ...two, pages: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)] }));
    expect(volume.spacing).toEqual([1, 1, 1]);
    expect(volume.warnings).toEqual(['a TIFF has no JSON file with its spacing beside it; taken as 1 x 1 x 1 mm']);
  });

  it('takes a single page for a picture', async () => {
    const volume = await readTiff(madeTiff({ ...two, pages: [Uint8Array.of(1, 2)] }));
    expect(volume.spacing).toEqual([999, 1, 1]);
    expect(volume.warnings).toEqual([]);
  });

  const page = Uint16Array.of(1, 2);
  it.each([
    { name: 'a spacing of 0', spacing: [1, 0, 1] },
    { name: 'two numbers', spacing: [1, 1] },
  ])('refuses a file beside it with $name', async ({ spacing }) => {
    await expect(readTiff(madeTiff({ ...two, pages: [page] }), sidecar({ spacing }))).rejects.toThrow(
      'expected {"spacing": [z, y, x]} in mm in the JSON file beside the TIFF',
    );
  });

  const stack = madeTiff({ ...two, pages: [page, page] });
  const circle = Uint8Array.from(stack);
  new DataView(circle.buffer).setUint32(8 + 122, 8, true);
  it.each([
    { name: 'text', bytes: new TextEncoder().encode('no image'), message: 'not a whole TIFF image' },
    { name: 'nothing', bytes: new Uint8Array(0), message: 'the list of TIFF pages leaves the file' },
    { name: 'a file cut before its second page', bytes: stack.subarray(0, 150), message: 'leaves the file' },
    { name: 'a file cut among its samples', bytes: stack.subarray(0, -2), message: 'not a whole TIFF image' },
    { name: 'pages in a circle', bytes: circle, message: 'the list of TIFF pages leaves the file' },
    {
      name: 'float64',
      bytes: madeTiff({ ...two, pages: [Float64Array.of(1, 2)] }),
      message: 'TIFF samples of 64 bits; save as uint8, uint16 or float32',
    },
    {
      name: 'float16',
      bytes: madeTiff({ ...two, pages: [Float16Array.of(1, 2)] }),
      message: 'TIFF samples of 16 bits',
    },
  ])('refuses $name', async ({ bytes, message }) => {
    const reading = readTiff(bytes);
    await expect(reading).rejects.toThrow(UnreadableImageError);
    await expect(reading).rejects.toThrow(message);
  });
});
