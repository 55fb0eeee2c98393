// Writes what `torch.load` reads, also with weights_only=True: see torch-checkpoint.ts for the form.

import { product } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import {
  formatPickle,
  type PickledCall,
  type PickledName,
  type PickledReference,
  type PickleValue,
} from './pickle-writer.ts';
import { TorchDevice } from './torch-checkpoint.ts';
import { ZipWriter } from './zip.ts';

/** Plain objects and maps become dicts, in their order. */
export type TorchValue =
  | null
  | boolean
  | number
  | string
  | readonly TorchValue[]
  | ReadonlyMap<string, TorchValue>
  | { readonly [key: string]: TorchValue }
  | Tensor
  | TorchDevice;

/**
 * A checkpoint file. A tensor that the value holds several times is written once and shared, as PyTorch does.
 *
 * @throws {RangeError} from 4 GiB on.
 */
export function formatTorchCheckpoint(value: TorchValue): Uint8Array {
  const storages = new Map<Tensor, PickledCall>();
  const pickle = formatPickle(toPickle(value, storages));
  const zip = new ZipWriter();
  const entry = (name: string, content: Uint8Array) => zip.add(`archive/${name}`, content, 'stored');
  const chunks = [...entry('data.pkl', pickle), ...entry('byteorder', Buffer.from('little'))];
  let key = 0;
  for (const { data } of storages.keys())
    chunks.push(...entry(`data/${key++}`, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)));
  chunks.push(...entry('version', Buffer.from('3\n')));
  return Buffer.concat([...chunks, zip.end()]);
}

function toPickle(value: TorchValue, storages: Map<Tensor, PickledCall>): PickleValue {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof TorchDevice) return call(name('torch', 'device'), [value.type]);
  if (isTensor(value)) return tensorCall(value, storages);
  if (isList(value)) return value.map((item) => toPickle(item, storages));
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(entries.map(([key, item]) => [key, toPickle(item, storages)]));
}

const isTensor = (value: object): value is Tensor => 'data' in value && value.data instanceof Float32Array;

/** `Array.isArray` does not narrow a readonly array. */
const isList = (value: object): value is readonly TorchValue[] => Array.isArray(value);

function tensorCall(tensor: Tensor, storages: Map<Tensor, PickledCall>): PickledCall {
  const known = storages.get(tensor);
  if (known !== undefined) return known;
  const { shape, data } = tensor;
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const storage: PickledReference = {
    pickle: 'reference',
    id: ['storage', name('torch', 'FloatStorage'), String(storages.size), 'cpu', data.length],
  };
  const rebuilt = call(name('torch._utils', '_rebuild_tensor_v2'), [
    storage,
    0,
    { pickle: 'tuple', items: shape },
    { pickle: 'tuple', items: strides },
    false,
    call(name('collections', 'OrderedDict'), []),
  ]);
  storages.set(tensor, rebuilt);
  return rebuilt;
}

const name = (module: string, of: string): PickledName => ({ pickle: 'name', module, name: of });

const call = (callee: PickledName, args: readonly PickleValue[]): PickledCall => ({ pickle: 'call', callee, args });
