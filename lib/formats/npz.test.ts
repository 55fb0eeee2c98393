import { describe, expect, it } from 'vitest';
import { readNpz } from '#test/npy.ts';
import { encodeNpz } from './npz.ts';

describe('encodeNpz', () => {
  it('writes arrays that read back with name, shape and values', () => {
    const probabilities = { shape: [2, 1, 1, 3], data: Float32Array.of(0.1, 0.2, 0.3, 0.9, 0.8, 0.7) };
    const line = { shape: [2], data: Float32Array.of(-1, 1e30) };
    const arrays = readNpz(
      encodeNpz(
        new Map([
          ['probabilities', probabilities],
          ['line', line],
        ]),
      ),
    );
    expect([...arrays.keys()]).toEqual(['probabilities', 'line']);
    expect(arrays.get('probabilities')).toEqual({ ...probabilities, dtype: '<f4' });
    expect(arrays.get('line')).toEqual({ ...line, dtype: '<f4' });
  });

  it('gives equal bytes for equal arrays', () => {
    const arrays = new Map([['a', { shape: [1], data: Float32Array.of(1) }]]);
    expect(encodeNpz(arrays)).toEqual(encodeNpz(arrays));
  });

  it('starts each array’s values on a multiple of 64 bytes, as NumPy does', () => {
    for (const shape of [[1], [1, 1, 1], Array(20).fill(1)]) {
      const bytes = encodeNpz(new Map([['a', { shape, data: Float32Array.of(1) }]]));
      const uncompressed = Buffer.from(bytes).readUInt32LE(22);
      expect((uncompressed - 4) % 64).toBe(0);
    }
  });
});
