import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import { decodeCase, decodeZarrArray, encodeCase, encodeZarrArray, InvalidZarrError, volumeChunks } from './zarr.ts';

const reader = (entries: ReadonlyMap<string, Uint8Array>) => async (key: string) => entries.get(key);

const aCase: PreprocessedCase = {
  caseId: 'case 1',
  image: {
    channels: 2,
    shape: shapeNet(2, 3, 4),
    spacing: spacingNet(3, 0.5, 0.75),
    data: Float32Array.from({ length: 48 }, (_, i) => i / 7),
  },
  label: {
    shape: shapeNet(2, 3, 4),
    spacing: spacingNet(3, 0.5, 0.75),
    data: Int16Array.from({ length: 24 }, (_, i) => (i % 4) - 1),
  },
  classLocations: [
    { label: 1, locations: Int32Array.of(0, 1, 2, 1, 2, 3) },
    { label: 2, locations: new Int32Array(0) },
    { label: [1, 2], locations: Int32Array.of(1, 0, 1) },
  ],
  record: {
    shapeBeforeCropping: [5, 6, 7],
    cropBox: [
      [0, 2],
      [1, 4],
      [2, 6],
    ],
    shapeAfterCropping: [2, 3, 4],
    spacingBefore: [2.5, 0.6, 0.6],
  },
};

describe('Zarr arrays', () => {
  it('read back whatever their chunks', async () => {
    const arrays = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        chunks: fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 6 }))),
        dtype: fc.constantFrom('float32' as const, 'int16' as const, 'int32' as const, 'uint8' as const),
      }),
    );
    await fc.assert(
      fc.asyncProperty(arrays, async ({ shape, chunks, dtype }) => {
        const counted = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
        const data = { float32: Float32Array, int16: Int16Array, int32: Int32Array, uint8: Uint8Array }[dtype].from(
          counted,
        );
        const entries = encodeZarrArray('some/where', shape, dtype, data, chunks);
        expect(await decodeZarrArray('some/where', reader(entries))).toEqual({ shape, data });
      }),
    );
  });

  it('hold their keys below the path', () => {
    const keys = encodeZarrArray('p', [2, 3], 'uint8', new Uint8Array(6), [1, 2]).keys();
    expect([...keys]).toEqual(['p/zarr.json', 'p/c/0/0', 'p/c/0/1', 'p/c/1/0', 'p/c/1/1']);
  });

  it('have equal bytes for equal input', () => {
    const once = () => encodeZarrArray('', [48], 'float32', aCase.image.data, [20]);
    expect(once()).toEqual(once());
  });

  it('let through what goes wrong in reading an entry: the array may be sound', async () => {
    const broken = new Error('input/output error');
    const entries = encodeZarrArray('p', [4], 'int16', Int16Array.of(1, 2, 3, 4), [2]);
    for (const bad of ['p/zarr.json', 'p/c/1']) {
      const read = decodeZarrArray('p', async (key) => {
        if (key === bad) throw broken;
        return entries.get(key);
      });
      await expect(read).rejects.toBe(broken);
    }
  });

  const whole = encodeZarrArray('p', [4], 'int16', Int16Array.of(1, 2, 3, 4), [2]);
  const otherChunk = encodeZarrArray('p', [1], 'int16', Int16Array.of(1), [1]).get('p/c/0') ?? new Uint8Array();
  const faulty = [
    { name: 'no metadata', change: ['p/zarr.json', undefined], want: 'the entry p/zarr.json is missing' },
    { name: 'a missing chunk', change: ['p/c/1', undefined], want: 'the entry p/c/1 is missing' },
    {
      name: 'a truncated chunk',
      change: ['p/c/1', whole.get('p/c/1')?.subarray(0, -2)],
      want: 'array p cannot be read',
    },
    { name: 'a chunk of another size', change: ['p/c/1', otherChunk], want: 'array p cannot be read' },
    { name: 'metadata that are no JSON', change: ['p/zarr.json', Uint8Array.of(1, 2)], want: 'array p cannot be read' },
  ] as const;
  it.each(faulty)('with $name are refused', async ({ change: [key, bytes], want }) => {
    const entries = new Map(whole);
    if (bytes) entries.set(key, bytes);
    else entries.delete(key);
    const decoded = decodeZarrArray('p', reader(entries));
    await expect(decoded).rejects.toThrow(InvalidZarrError);
    await expect(decoded).rejects.toThrow(want);
  });

  it('are not written from data that do not fit', () => {
    expect(() => encodeZarrArray('p', [3], 'uint8', new Uint8Array(2), [1])).toThrow('shape 3 has 3 entries, got 2');
    expect(() => encodeZarrArray('p', [2], 'uint8', new Uint8Array(2), [1, 1])).toThrow('chunks 1 x 1 do not fit');
    expect(() => encodeZarrArray('p', [2], 'uint8', new Uint8Array(2), [0])).toThrow('chunks 0 do not fit');
    expect(() => encodeZarrArray('p', [2], 'int16', new Uint8Array(2), [1])).toThrow(
      'expected int16 data, got Uint8Array',
    );
  });
});

describe('volumeChunks', () => {
  it.each([
    { shape: [2, 35, 51, 35], want: [1, 35, 51, 35] },
    { shape: [1, 100, 512, 512], want: [1, 16, 512, 512] },
    { shape: [10, 4096, 4096], want: [1, 4096, 4096] },
  ])('cuts $shape into one channel and at most 16 MiB of float32 where a slice allows', ({ shape, want }) => {
    expect(volumeChunks(shape)).toEqual(want);
  });
});

describe('preprocessed cases', () => {
  it('read back as they were, labels without voxels included', async () => {
    const entries = new Map([...encodeCase(aCase)].map(([key, bytes]) => [`cases/x/${key}`, bytes]));
    expect(await decodeCase('cases/x', reader(entries))).toEqual(aCase);
  });

  it('read back without a prefix', async () => {
    expect(await decodeCase('', reader(encodeCase(aCase)))).toEqual(aCase);
  });

  it('are refused when the group has no attributes of a case', async () => {
    const entries = encodeCase(aCase);
    entries.set('zarr.json', entries.get('class_locations/zarr.json') ?? new Uint8Array());
    await expect(decodeCase('', reader(entries))).rejects.toThrow(InvalidZarrError);
    await expect(decodeCase('', reader(entries))).rejects.toThrow('is no preprocessed case');
  });

  it('are refused when an array is of a dtype that is not written here', async () => {
    const entries = encodeCase(aCase);
    const text = new TextDecoder().decode(entries.get('image/zarr.json')).replace('float32', 'float64');
    entries.set('image/zarr.json', new TextEncoder().encode(text));
    await expect(decodeCase('', reader(entries))).rejects.toThrow('array image: float64 is not one of float32');
  });

  it('are refused when image and label have different extents', async () => {
    const entries = encodeCase(aCase);
    const label = encodeZarrArray('label', [2, 3, 3], 'int16', new Int16Array(18), [2, 3, 3]);
    for (const [key, bytes] of label) entries.set(key, bytes);
    await expect(decodeCase('', reader(entries))).rejects.toThrow('image 2 x 2 x 3 x 4 and label 2 x 3 x 3');
  });

  it('are refused when the label is not int16', async () => {
    const entries = encodeCase(aCase);
    const label = encodeZarrArray('label', [2, 3, 4], 'uint8', new Uint8Array(24), [2, 3, 4]);
    for (const [key, bytes] of label) entries.set(key, bytes);
    await expect(decodeCase('', reader(entries))).rejects.toThrow('expected a float32 image and an int16 label');
  });
});
