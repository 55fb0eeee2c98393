// What NumPy puts into pickles: the numbers that nnU-Net logs are often NumPy scalars.

import { PickledObject, type PickleGlobal } from './pickle.ts';
import { TorchCheckpointUnreadableError } from './torch-checkpoint-unreadable-error.ts';

/** A dtype of a pickle, such as little-endian `f8`. */
class NumpyDtype extends PickledObject {
  readonly kind: string;
  #littleEndian = true;

  constructor(kind: unknown) {
    super();
    if (typeof kind !== 'string' || !Object.hasOwn(READERS, kind)) throw fault(`a NumPy dtype ${String(kind)}`);
    this.kind = kind;
  }

  /** `(version, byte order, …)`. */
  setState(state: unknown): void {
    if (Array.isArray(state)) this.#littleEndian = state[1] !== '>';
  }

  /** @throws {TorchCheckpointUnreadableError} unless the bytes are whole values. */
  values(bytes: Uint8Array): number[] {
    const width = Number(this.kind.slice(1));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length % width !== 0) throw fault(`${bytes.length} bytes of dtype ${this.kind}`);
    const read = READERS[this.kind];
    return Array.from({ length: bytes.length / width }, (_, i) => read?.(view, i * width, this.#littleEndian) ?? 0);
  }
}

type Reader = (view: DataView, at: number, littleEndian: boolean) => number;

const READERS: Readonly<Record<string, Reader>> = {
  b1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u1: (view, at) => view.getUint8(at),
  i2: (view, at, little) => view.getInt16(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  i4: (view, at, little) => view.getInt32(at, little),
  u4: (view, at, little) => view.getUint32(at, little),
  i8: (view, at, little) => Number(view.getBigInt64(at, little)),
  u8: (view, at, little) => Number(view.getBigUint64(at, little)),
  f2: (view, at, little) => view.getFloat16(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f8: (view, at, little) => view.getFloat64(at, little),
};

/** An array of a pickle, in the order of its bytes. */
export class NumpyArray extends PickledObject {
  shape: readonly number[] = [];
  #dtype: NumpyDtype | null = null;
  #bytes: Uint8Array = new Uint8Array();

  /** Decoded when asked for: a pickle may share one text among many arrays. */
  get values(): number[] {
    return this.#dtype?.values(this.#bytes) ?? [];
  }

  /** `(version, shape, dtype, whether in Fortran order, bytes)`. */
  setState(state: unknown): void {
    const [, shape, dtype, , bytes] = Array.isArray(state) ? state : [];
    if (!Array.isArray(shape) || !(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array))
      throw fault('a NumPy array of another form');
    this.shape = shape;
    this.#dtype = dtype;
    this.#bytes = bytes;
  }
}

function scalar([dtype, bytes]: readonly unknown[]): number {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) throw fault('a NumPy scalar of another form');
  if (bytes.length > 8) throw fault(`a NumPy scalar of ${bytes.length} bytes`);
  const [value, ...more] = dtype.values(bytes);
  if (value === undefined || more.length > 0) throw fault(`a NumPy scalar of ${bytes.length} bytes`);
  return value;
}

/**
 * Protocol 2 has no bytes: it spells them as text of which every character is one byte. Equal texts give the same bytes, so
 * that a long one that is shared takes its room once.
 */
function latin1Encoder(): NonNullable<PickleGlobal['call']> {
  const known = new Map<string, Uint8Array>();
  return ([text, encoding]) => {
    if (typeof text !== 'string' || encoding !== 'latin1') throw fault('a call of _codecs.encode for other than bytes');
    const bytes = known.get(text) ?? new Uint8Array(Buffer.from(text, 'latin1'));
    known.set(text, bytes);
    return bytes;
  };
}

const fault = (what: string) => new TorchCheckpointUnreadableError(`the checkpoint holds ${what}, which is not read`);

/** NumPy before 2.0 called its inner package `core`. */
const fromEitherCore = (name: string, call: PickleGlobal['call']): PickleGlobal[] =>
  ['numpy.core.multiarray', 'numpy._core.multiarray'].map((module) => ({ name: `${module} ${name}`, call }));

/** The globals of NumPy's scalars, arrays and dtypes, for reading one pickle. */
export const numpyGlobals = (): readonly PickleGlobal[] => [
  { name: 'numpy dtype', call: ([kind]) => new NumpyDtype(kind) },
  { name: 'numpy ndarray', call: null },
  { name: '_codecs encode', call: latin1Encoder() },
  ...fromEitherCore('scalar', scalar),
  ...fromEitherCore('_reconstruct', () => new NumpyArray()),
];
