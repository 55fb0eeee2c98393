// What `torch.save` writes: a zip of one pickle, `data.pkl`, and the bytes of every storage, `data/<key>`. Reading runs
// no code; see pickle.ts. @see PyTorch, torch/serialization.py

import { product } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import { numpyGlobals } from './numpy-pickle.ts';
import { type PickleGlobal, parsePickle } from './pickle.ts';
import { TorchCheckpointUnreadableError } from './torch-checkpoint-unreadable-error.ts';
import { readZip, type ZipEntry } from './zip.ts';

/** PyTorch's `torch.device`. */
export class TorchDevice {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }
}

/** A pickle names the weights and holds none of them; nnU-Net's, with all its plans and logs, take less than 1 MiB. */
const MOST_PICKLE_BYTES = 64 * 2 ** 20;
/** `little` or `big`. */
const MOST_BYTE_ORDER_BYTES = 16;

/** Numbers of a checkpoint that lie behind one another; tensors are views into them. */
interface Storage {
  readonly type: StorageType;
  readonly elements: number;
  /** Of which tensors may share one. */
  readonly bytes: () => Uint8Array;
}

interface StorageType {
  readonly name: string;
  readonly width: number;
  /** `null`: not a kind of number that weights have. */
  readonly read: ((view: DataView, at: number) => number) | null;
}

const FLOAT32: StorageType = { name: 'FloatStorage', width: 4, read: (view, at) => view.getFloat32(at, true) };

const STORAGE_TYPES: readonly StorageType[] = [
  FLOAT32,
  { name: 'DoubleStorage', width: 8, read: (view, at) => view.getFloat64(at, true) },
  { name: 'HalfStorage', width: 2, read: (view, at) => view.getFloat16(at, true) },
  { name: 'BFloat16Storage', width: 2, read: (view, at) => bfloat16(view.getUint16(at, true)) },
  { name: 'LongStorage', width: 8, read: null },
  { name: 'IntStorage', width: 4, read: null },
  { name: 'ShortStorage', width: 2, read: null },
  { name: 'ByteStorage', width: 1, read: null },
  { name: 'CharStorage', width: 1, read: null },
  { name: 'BoolStorage', width: 1, read: null },
];

/** A bfloat16 is the upper half of a float32. */
function bfloat16(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint16(0, bits);
  return view.getFloat32(0);
}

/** A tensor of a checkpoint. Its numbers are unpacked when they are asked for. */
export class TorchTensor {
  readonly shape: readonly number[];
  readonly #storage: Storage;
  readonly #offset: number;
  readonly #strides: readonly number[];

  /** @throws {TorchCheckpointUnreadableError} for a view that reaches out of its storage or repeats its numbers. */
  constructor(storage: Storage, offset: number, shape: readonly number[], strides: readonly number[]) {
    const last = shape.reduce((at, extent, axis) => at + Math.max(extent - 1, 0) * (strides[axis] ?? 0), offset);
    if (last >= Math.max(storage.elements, 1) || product(shape) > storage.elements)
      throw fault(`a tensor ${shape.join(' x ')} reaches out of its storage of ${storage.elements} numbers`);
    this.shape = shape;
    this.#storage = storage;
    this.#offset = offset;
    this.#strides = strides;
  }

  /**
   * The numbers as float32 in C order, copied.
   *
   * @throws {TorchCheckpointUnreadableError} for integers, and when the storage is not whole.
   */
  toFloat32(): Tensor {
    const { type, elements } = this.#storage;
    const { read, width } = type;
    if (read === null) throw fault(`a tensor of ${type.name} is no weight`);
    const bytes = this.#storage.bytes();
    if (bytes.length < elements * width)
      throw fault(`a storage of ${elements} numbers has ${bytes.length} bytes, expected ${elements * width}`);
    const count = product(this.shape);
    if (type === FLOAT32 && this.#isContiguous()) {
      const from = this.#offset * width;
      return {
        shape: this.shape,
        data: new Float32Array(new Uint8Array(bytes.subarray(from, from + count * width)).buffer),
      };
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const data = new Float32Array(count);
    for (let i = 0; i < count; i++) data[i] = read(view, (this.#offset + this.#place(i)) * width);
    return { shape: this.shape, data };
  }

  /** Whether the numbers lie in C order: then they are copied as they are, some 100 times faster. */
  #isContiguous(): boolean {
    return this.shape.every(
      (extent, axis) => extent === 1 || this.#strides[axis] === product(this.shape.slice(axis + 1)),
    );
  }

  /** Where the i-th number in C order lies behind the first. */
  #place(i: number): number {
    let place = 0;
    let rest = i;
    for (let axis = this.shape.length - 1; axis >= 0; axis--) {
      const extent = this.shape[axis] ?? 1;
      place += (rest % extent) * (this.#strides[axis] ?? 0);
      rest = Math.floor(rest / extent);
    }
    return place;
  }
}

/**
 * The value that `torch.save` was given: dicts as `Map`, lists and tuples as arrays, tensors as `TorchTensor`.
 *
 * @param bytes of the whole file; tensors read from them when they are asked for.
 * @throws {TorchCheckpointUnreadableError} for the form before PyTorch 1.6, big-endian numbers, and a pickle with anything but
 *   numbers, text, lists, dicts, tensors and NumPy scalars, named.
 * @throws {ZipUnreadableError} for a zip that is cut off or damaged, or whose pickle unpacks to more than 64 MiB.
 */
export function parseTorchCheckpoint(bytes: Uint8Array): unknown {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b)
    throw fault('no zip file, so no checkpoint of PyTorch 1.6 or later; load it with PyTorch and save it again');
  const entries = readZip(bytes);
  const pickle = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (pickle === undefined) throw fault('the zip has no data.pkl, so no value that torch.save wrote');
  const archive = pickle.slice(0, -'data.pkl'.length);
  const byteOrder = entries.get(`${archive}byteorder`);
  if (byteOrder !== undefined && new TextDecoder().decode(byteOrder(MOST_BYTE_ORDER_BYTES)) !== 'little')
    throw fault('its numbers are not little-endian; save it again on an ordinary machine');
  const content = entries.get(pickle)?.(MOST_PICKLE_BYTES) ?? new Uint8Array();
  return parsePickle(content, {
    globals: [...TORCH_GLOBALS, ...numpyGlobals()],
    persistent: (id) => storageOf(id, entries, archive, bytes.length),
  });
}

/**
 * `('storage', type, key, device, number of elements)`.
 *
 * @param fileBytes of the whole checkpoint: PyTorch compresses nothing, so no storage is larger.
 */
function storageOf(id: unknown, entries: ReadonlyMap<string, ZipEntry>, archive: string, fileBytes: number): Storage {
  const [tag, global, key, , elements] = Array.isArray(id) ? id : [];
  const type = STORAGE_TYPES.find((known) => STORAGE_GLOBALS.get(known) === global);
  const entry = entries.get(`${archive}data/${key}`);
  if (tag !== 'storage' || type === undefined || !isCount(elements)) throw fault('a storage of another form');
  if (entry === undefined) throw fault(`the zip has no data/${key}, which the pickle names`);
  return { type, elements, bytes: () => entry(Math.min(elements * type.width, fileBytes)) };
}

/** `(storage, offset, shape, strides, whether it needs gradients, hooks)`. */
function rebuildTensor([storage, offset, shape, strides]: readonly unknown[]): TorchTensor {
  if (!isStorage(storage) || !isCount(offset) || !isCounts(shape) || !isCounts(strides))
    throw fault('a tensor of another form');
  return new TorchTensor(storage, offset, shape, strides);
}

const isStorage = (value: unknown): value is Storage => typeof value === 'object' && value !== null && 'bytes' in value;
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);

/** PyTorch's own limit. */
const MOST_AXES = 64;

const STORAGE_GLOBALS: ReadonlyMap<StorageType, PickleGlobal> = new Map(
  STORAGE_TYPES.map((type) => [type, { name: `torch ${type.name}`, call: null }]),
);

const TORCH_GLOBALS: readonly PickleGlobal[] = [
  ...STORAGE_GLOBALS.values(),
  { name: 'collections OrderedDict', call: () => new Map() },
  { name: 'torch._utils _rebuild_tensor_v2', call: rebuildTensor },
  { name: 'torch._utils _rebuild_parameter', call: ([tensor]) => tensor },
  { name: 'torch device', call: ([type]) => new TorchDevice(String(type)) },
  { name: 'torch Size', call: ([extents]) => extents },
];

const fault = (message: string) => new TorchCheckpointUnreadableError(`the checkpoint is not read: ${message}`);
