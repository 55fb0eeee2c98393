import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#core/network/tensor.ts';
import { decodeSafetensors, encodeSafetensors, InvalidSafetensorsError } from './safetensors.ts';

const two = new Map<string, Tensor>([
  ['z.weight', { shape: [2, 2], data: Float32Array.of(1, -2, 0.5, Number.NaN) }],
  ['a.bias', { shape: [1], data: Float32Array.of(3) }],
]);

/** A file with a header of our choice. */
function aFile(header: unknown, dataBytes: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.byteLength + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.byteLength), true);
  file.set(json, 8);
  return file;
}

const entry = (shape: readonly number[], begin: number, end: number, dtype = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('safetensors', () => {
  it('gives back tensors, their order and the metadata', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(two, { epoch: '3', a: 'b' }));
    expect([...tensors]).toEqual([...two]);
    expect(metadata).toEqual({ a: 'b', epoch: '3' });
  });

  it('gives back any tensors bit for bit', () => {
    const tensor = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        data: fc.float32Array({
          minLength: shape.reduce((a, b) => a * b, 1),
          maxLength: shape.reduce((a, b) => a * b, 1),
        }),
      }),
    );
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => text !== '__metadata__' && text !== '__proto__' && !/^\d+$/.test(text));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, tensor), { maxLength: 5 }), (entries) => {
        const tensors = new Map<string, Tensor>(entries);
        const read = decodeSafetensors(encodeSafetensors(tensors)).tensors;
        expect(new Map(read)).toEqual(tensors);
      }),
    );
  });

  it('writes equal bytes for equal input, whatever the order of the metadata', () => {
    expect(encodeSafetensors(two, { a: '1', b: '2' })).toEqual(encodeSafetensors(two, { b: '2', a: '1' }));
  });

  it('starts the tensors at a multiple of 8 bytes', () => {
    const file = encodeSafetensors(two);
    expect(Number(new DataView(file.buffer).getBigUint64(0, true)) % 8).toBe(0);
  });

  it('reads bytes that lie inside a larger buffer', () => {
    const file = encodeSafetensors(two);
    const shifted = new Uint8Array(file.byteLength + 1);
    shifted.set(file, 1);
    expect([...decodeSafetensors(shifted.subarray(1)).tensors]).toEqual([...two]);
  });

  it('refuses to write a tensor that does not fill its shape', () => {
    const short = new Map<string, Tensor>([['w', { shape: [3], data: new Float32Array(2) }]]);
    expect(() => encodeSafetensors(short)).toThrow('tensor w of shape 3 holds 2 values');
  });

  const whole = encodeSafetensors(two);
  const faulty = [
    { name: 'an empty file', file: new Uint8Array(0), want: 'too short for a safetensors header' },
    { name: 'a file cut in its header', file: whole.subarray(0, 40), want: 'the file ends inside its header' },
    { name: 'a file cut in its tensors', file: whole.subarray(0, -1), want: 'the file ends inside tensor a.bias' },
    {
      name: 'bytes after the last tensor',
      file: aFile({ w: entry([1], 0, 4) }, 6),
      want: '2 bytes follow the last tensor',
    },
    { name: 'a header length beyond reason', file: new Uint8Array(16).fill(0xff), want: 'is not safetensors' },
    { name: 'a header that is no JSON', file: aFile('{"w":', 0), want: 'the safetensors header is no JSON' },
    { name: 'a header that is no object', file: aFile('3', 0), want: 'the safetensors header is no JSON object' },
    { name: 'another dtype', file: aFile({ w: entry([1], 0, 2, 'F16') }, 2), want: 'w.dtype: expected dtype F32' },
    { name: 'metadata that are no text', file: aFile({ __metadata__: { a: 1 } }, 0), want: 'safetensors header: a: ' },
    {
      name: 'offsets that do not fit the shape',
      file: aFile({ w: entry([2], 0, 4) }, 4),
      want: 'tensor w of shape 2: expected bytes 0 to 8, the header says 0 to 4',
    },
    {
      name: 'tensors that overlap',
      file: aFile({ v: entry([1], 0, 4), w: entry([1], 0, 4) }, 4),
      want: 'expected bytes 4 to 8',
    },
    {
      name: 'a gap between tensors',
      file: aFile({ v: entry([1], 0, 4), w: entry([1], 8, 12) }, 12),
      want: 'expected bytes 4 to 8',
    },
  ];
  it.each(faulty)('refuses $name', ({ file, want }) => {
    expect(() => decodeSafetensors(file)).toThrow(InvalidSafetensorsError);
    expect(() => decodeSafetensors(file)).toThrow(want);
  });
});
