import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Tensor } from '#core/network/tensor.ts';
import { NumpyArray } from './numpy-pickle.ts';
import { parseTorchCheckpoint, TorchDevice, TorchTensor } from './torch-checkpoint.ts';
import { TorchCheckpointUnreadableError } from './torch-checkpoint-unreadable-error.ts';
import { formatTorchCheckpoint, type TorchValue } from './torch-checkpoint-writer.ts';
import { readZip, ZipWriter } from './zip.ts';

const weight: Tensor = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };

/** A checkpoint with a pickle of our choice: text where every character is one byte. */
function withPickle(pickle: string, files: Readonly<Record<string, Uint8Array>> = {}): Uint8Array {
  const zip = new ZipWriter();
  const entries = Object.entries({ 'data.pkl': Buffer.from(pickle, 'latin1'), ...files });
  return Buffer.concat([...entries.flatMap(([name, content]) => zip.add(`any/${name}`, content, 'stored')), zip.end()]);
}

const parsed = (pickle: string, files: Readonly<Record<string, Uint8Array>> = {}) =>
  parseTorchCheckpoint(withPickle(pickle, files));

const PROTOCOL = '\x80\x02';
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;
const ints = (...values: number[]) => `(${values.map((value) => `K${String.fromCharCode(value)}`).join('')}t`;
const tensorOf = (type: string, elements: number, offset: number, shape: number[], strides: number[]) =>
  `${PROTOCOL}ctorch._utils\n_rebuild_tensor_v2\n((${text('storage')}ctorch\n${type}\n${text('0')}${text('cpu')}` +
  `K${String.fromCharCode(elements)}tQK${String.fromCharCode(offset)}${ints(...shape)}${ints(...strides)}` +
  '\x89ccollections\nOrderedDict\n)RtR.';

function read(pickle: string, storage: Uint8Array): Tensor {
  const tensor = parsed(pickle, { 'data/0': storage });
  if (!(tensor instanceof TorchTensor)) throw new Error('expected a tensor');
  return tensor.toFloat32();
}

describe('a checkpoint', () => {
  it('gives back what was written', () => {
    const value: TorchValue = {
      network_weights: new Map([['a.weight', weight]]),
      current_epoch: 1000,
      lr: 0.01,
      name: 'Größe',
      axes: [0, -1, 2],
      nothing: null,
      flags: [true, false],
      device: new TorchDevice('cpu'),
    };
    const back = parseTorchCheckpoint(formatTorchCheckpoint(value));
    if (!(back instanceof Map)) throw new Error('expected a dict');
    const [[name, tensor] = []] = back.get('network_weights');
    expect([name, tensor.toFloat32()]).toEqual(['a.weight', weight]);
    back.delete('network_weights');
    expect(Object.fromEntries(back)).toEqual({
      current_epoch: 1000,
      lr: 0.01,
      name: 'Größe',
      axes: [0, -1, 2],
      nothing: null,
      flags: [true, false],
      device: new TorchDevice('cpu'),
    });
  });

  it('is refused with a pickle of more than 64 MiB, or a storage larger than it and its file', () => {
    const deflated = (files: Readonly<Record<string, Uint8Array>>): Uint8Array => {
      const zip = new ZipWriter();
      const parts = Object.entries(files).flatMap(([name, bytes]) => zip.add(`any/${name}`, bytes, 'deflated'));
      return Buffer.concat([...parts, zip.end()]);
    };
    expect(() => parseTorchCheckpoint(deflated({ 'data.pkl': Buffer.alloc(2 ** 26 + 1) }))).toThrow(
      'any/data.pkl holds 67108865 bytes, expected at most 67108864',
    );
    const withStorage = (elements: number, storage: Uint8Array) => {
      const pickle = tensorOf('FloatStorage', elements, 0, [elements], [1]);
      const file = deflated({ 'data.pkl': Buffer.from(pickle, 'latin1'), 'data/0': storage });
      const tensor = parseTorchCheckpoint(file);
      return { file, numbers: () => tensor instanceof TorchTensor && tensor.toFloat32() };
    };
    expect(withStorage(6, Buffer.alloc(2 ** 20)).numbers).toThrow(
      'any/data/0 holds 1048576 bytes, expected at most 24',
    );
    const { file, numbers } = withStorage(255, Buffer.alloc(1020));
    expect(numbers).toThrow(`any/data/0 holds 1020 bytes, expected at most ${file.length}`);
  });

  it('holds a tensor that it names twice once', () => {
    const once = formatTorchCheckpoint([weight]).length;
    const twice = formatTorchCheckpoint([weight, weight]);
    expect(twice.length - once).toBeLessThan(400);
    expect(Buffer.from(twice).toString('latin1').split('archive/data/').length).toBe(3); // one local, one in the directory
  });

  it('holds whole numbers beyond 32 bits', () => {
    expect(parseTorchCheckpoint(formatTorchCheckpoint([2 ** 40, -(2 ** 31), 2 ** 31]))).toEqual([
      2 ** 40,
      -(2 ** 31),
      2 ** 31,
    ]);
    expect(() => formatTorchCheckpoint([1e300])).toThrow(RangeError);
  });

  it('reads a view: an offset, and axes in another order', () => {
    const storage = Buffer.from(Float32Array.of(9, 1, 2, 3, 4, 5, 6).buffer);
    const transposed = tensorOf('FloatStorage', 7, 1, [3, 2], [1, 3]);
    expect(read(transposed, storage)).toEqual({ shape: [3, 2], data: Float32Array.of(1, 4, 2, 5, 3, 6) });
  });

  it.each([
    { type: 'DoubleStorage', storage: Buffer.from(Float64Array.of(0.5, -2).buffer) },
    { type: 'HalfStorage', storage: Buffer.from(new Float16Array([0.5, -2]).buffer) },
    { type: 'BFloat16Storage', storage: Buffer.from(Uint16Array.of(0x3f00, 0xc000).buffer) },
  ])('reads $type as float32', ({ type, storage }) => {
    expect(read(tensorOf(type, 2, 0, [2], [1]), storage).data).toEqual(Float32Array.of(0.5, -2));
  });

  it('reads NumPy’s scalars and arrays', () => {
    const dtype = (kind: string, order: string) =>
      `cnumpy\ndtype\n(${text(kind)}\x89\x88tR(K\x03${text(order)}NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tb`;
    const raw = (value: string) => `c_codecs\nencode\n(${text(value)}${text('latin1')}tR`;
    expect(parsed(`${PROTOCOL}cnumpy._core.multiarray\nscalar\n(${dtype('i4', '<')}${raw('\x05\0\0\0')}tR.`)).toBe(5);
    expect(parsed(`${PROTOCOL}cnumpy.core.multiarray\nscalar\n(${dtype('u2', '>')}${raw('\x01\x02')}tR.`)).toBe(258);
    const array = parsed(
      `${PROTOCOL}cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n${ints(0)}${raw('b')}tR` +
        `(K\x01${ints(2)}${dtype('u1', '|')}\x89${raw('\x07\x08')}tb.`,
    );
    expect(array).toBeInstanceOf(NumpyArray);
    expect(array).toMatchObject({ shape: [2], values: [7, 8] });
  });

  it('reads whole numbers of up to 8 bytes', () => {
    expect(parsed(`${PROTOCOL}\x8a\x02\xff\x7f.`)).toBe(32767);
    expect(parsed(`${PROTOCOL}\x8a\x01\xff.`)).toBe(-1);
    expect(() => parsed(`${PROTOCOL}\x8a\x09${'\xff'.repeat(9)}.`)).toThrow('a whole number of 9 bytes');
  });

  it('may nest lists a hundred thousand deep', () => {
    expect(parsed(`${PROTOCOL}${']'.repeat(100_000)}${'a'.repeat(99_999)}.`)).toHaveLength(1);
  });
});

describe('a checkpoint is refused', () => {
  it.each([
    { name: 'a global that could be any code', pickle: 'cos\nsystem\n.', want: "Python's 'os.system'" },
    { name: 'a builtin', pickle: 'c__builtin__\neval\n.', want: "'__builtin__.eval'" },
    { name: 'an object made by its class', pickle: 'ccollections\nOrderedDict\n)\x81.', want: 'opcode 0x81' },
    { name: 'a call of what is no function', pickle: 'ctorch\nFloatStorage\n)R.', want: 'no known function' },
    { name: 'a call of a dict', pickle: '})R.', want: 'no known function' },
    { name: 'a missing stop', pickle: 'K\x01', want: 'cut off' },
    { name: 'a text longer than the pickle', pickle: 'X\xff\xff\xff\x7fabc.', want: 'cut off' },
    { name: 'a name without an end', pickle: 'ctorch', want: 'cut off' },
    { name: 'a value that was never remembered', pickle: 'h\x05.', want: 'value 5, which it never remembered' },
    { name: 'remembering nothing', pickle: 'q\x05.', want: 'remembers a value' },
    { name: 'a mark that was never set', pickle: 't.', want: 'a mark' },
    { name: 'an empty stack', pickle: '.', want: 'takes a value that it does not have' },
    { name: 'items of what is no dict', pickle: ']K\x01K\x02s.', want: 'no dict' },
    { name: 'an item without a value', pickle: '}(K\x01u.', want: 'no dict' },
    { name: 'a dict as key', pickle: '}}K\x02s.', want: 'neither text nor numbers' },
    { name: 'items appended to a dict', pickle: '}K\x01a.', want: 'no list' },
    { name: 'the state of a number', pickle: 'K\x01Nb.', want: 'the state of what has none' },
    { name: 'a storage of another form', pickle: 'K\x01Q.', want: 'a storage of another form' },
    { name: 'an unknown NumPy dtype', pickle: `cnumpy\ndtype\n(${text('O8')}\x89\x88tR.`, want: 'a NumPy dtype O8' },
    {
      name: 'a NumPy scalar without its dtype',
      pickle: 'cnumpy.core.multiarray\nscalar\n(NNtR.',
      want: 'a NumPy scalar',
    },
    {
      name: 'a NumPy scalar of many bytes',
      pickle: `cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(${text('u1')}\x89\x88tRc_codecs\nencode\n(${text('123456789')}${text('latin1')}tRtR.`,
      want: 'a NumPy scalar of 9 bytes',
    },
    {
      name: 'a tensor of very many axes',
      pickle: tensorOf('FloatStorage', 1, 0, Array(65).fill(1), Array(65).fill(1)).slice(2),
      want: 'a tensor of another form',
    },
    { name: 'other bytes', pickle: `c_codecs\nencode\n(${text('a')}${text('rot13')}tR.`, want: '_codecs.encode' },
  ])('with $name', ({ pickle, want }) => {
    const parsed = (content: string) => parseTorchCheckpoint(withPickle(content, { 'data/0': Buffer.alloc(4) }));
    expect(() => parsed(PROTOCOL + pickle)).toThrow(want);
    expect(() => parsed(PROTOCOL + pickle)).toThrow(TorchCheckpointUnreadableError);
  });

  it('when it makes millions of lists', () => {
    expect(() => parsed(`${PROTOCOL}${']'.repeat(4_000_001)}.`)).toThrow('more than 4000000 objects');
    expect(() => parsed(`${PROTOCOL}${'('.repeat(4_000_001)}.`)).toThrow('more than 4000000 objects');
  });

  it('and nothing else happens, whichever bytes of its pickle are changed', () => {
    const whole = readZip(
      formatTorchCheckpoint({ weights: { a: weight }, epochs: [1, 0.5], device: new TorchDevice('cpu') }),
    );
    const pickle = Buffer.from(whole.get('archive/data.pkl')?.() ?? []).toString('latin1');
    const anyByte = fc.tuple(fc.nat(pickle.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(anyByte, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = Buffer.from(pickle, 'latin1');
        for (const [at, value] of changes) bytes[at] = value;
        try {
          parsed(bytes.toString('latin1'), { 'data/0': Buffer.alloc(24) });
        } catch (error) {
          expect(error).toBeInstanceOf(TorchCheckpointUnreadableError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('of another protocol', () => {
    expect(() => parsed('\x80\x04N.')).toThrow('protocol 4');
  });

  it('when a tensor reaches out of its storage or repeats its numbers', () => {
    const storage = Buffer.from(Float32Array.of(1, 2, 3, 4).buffer);
    expect(() => read(tensorOf('FloatStorage', 4, 2, [3], [1]), storage)).toThrow('reaches out of its storage');
    expect(() => read(tensorOf('FloatStorage', 4, 0, [200, 200], [0, 0]), storage)).toThrow('200 x 200 reaches out');
    expect(() => read(tensorOf('FloatStorage', 9, 0, [9], [1]), storage)).toThrow(
      '9 numbers has 16 bytes, expected 36',
    );
    expect(() => read(tensorOf('LongStorage', 2, 0, [2], [1]), storage)).toThrow('no weight');
    expect(() => parsed(tensorOf('FloatStorage', 4, 0, [4], [1]))).toThrow('has no data/0');
  });

  it('when it is not of PyTorch 1.6 or later, big-endian, or another zip', () => {
    expect(() => parseTorchCheckpoint(Buffer.from('\x80\x02\x8a\nl\xfc', 'latin1'))).toThrow('save it again');
    expect(() => parsed(`${PROTOCOL}N.`, { byteorder: Buffer.from('big') })).toThrow('not little-endian');
    const zip = new ZipWriter();
    const other = Buffer.concat([...zip.add('a', Buffer.from('a'), 'stored'), zip.end()]);
    expect(() => parseTorchCheckpoint(other)).toThrow('no data.pkl');
  });
});
