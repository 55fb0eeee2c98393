import { describe, expect, it } from 'vitest';
import { readNpz } from '#test/npy.ts';
import { decodeNpz, encodeNpz } from './npz.ts';
import { ZipWriter } from './zip.ts';

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

/** An .npz of one array `a`, as NumPy describes it. */
function npzOf(description: string, body: ArrayBufferView): Uint8Array {
  const header = Buffer.from(`${description}\n`, 'latin1');
  const preamble = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length, 0]);
  const zip = new ZipWriter();
  const npy = Buffer.concat([preamble, header, Buffer.from(body.buffer, body.byteOffset, body.byteLength)]);
  return Buffer.concat([...zip.add('a.npy', npy, 'deflated'), zip.end()]);
}

const description = (type: string, shape = '(2, 1)', order = 'False') =>
  `{'descr': '${type}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe('decodeNpz', () => {
  it.each([{ shape: [2, 1, 1, 3] }, { shape: [6] }, { shape: [1, 6] }])('reads back $shape', ({ shape }) => {
    const data = Float32Array.of(0.1, 0.2, 0.3, 0.9, 1e-30, -7);
    expect(decodeNpz(encodeNpz(new Map([['a', { shape, data }]])), 'a', 6)).toEqual({ shape, data });
  });

  it('reads float16 as the float32 of the same value', () => {
    const halves = Float16Array.of(0.1, 65504);
    const { shape, data } = decodeNpz(npzOf(description('<f2'), halves), 'a', 2);
    expect(shape).toEqual([2, 1]);
    expect([...data]).toEqual([...halves]);
  });

  it.each([
    { name: 'another type', bytes: npzOf(description('<f8'), Float64Array.of(1, 2)), want: /as '<f4' or '<f2'.*<f8/ },
    {
      name: 'Fortran order',
      bytes: npzOf(description('<f4', '(2, 1)', 'True'), Float32Array.of(1, 2)),
      want: /C order/,
    },
    { name: 'too few values', bytes: npzOf(description('<f4'), Float32Array.of(1)), want: /takes 8 bytes, got 4/ },
    { name: 'no description', bytes: npzOf('', Float32Array.of(1)), want: /C order, got/ },
  ])('refuses $name', ({ bytes, want }) => {
    expect(() => decodeNpz(bytes, 'a', 2)).toThrow(want);
  });

  it('names the arrays that there are', () => {
    const bytes = npzOf(description('<f4'), Float32Array.of(1, 2));
    expect(() => decodeNpz(bytes, 'probabilities', 2)).toThrow('has no array probabilities; it has a');
  });

  it('unpacks nothing that is larger than its reader takes', () => {
    const zeros = new Float32Array(2 ** 20);
    const bytes = encodeNpz(new Map([['a', { shape: [zeros.length], data: zeros }]]));
    expect(bytes.length).toBeLessThan(2 ** 13);
    expect(() => decodeNpz(bytes, 'a', 1000)).toThrow(
      `a.npy holds ${4 * zeros.length + 128} bytes, expected at most ${4000 + 65536}`,
    );
    expect(decodeNpz(bytes, 'a', zeros.length).data).toEqual(zeros);
  });
});
