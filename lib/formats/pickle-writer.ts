// Writes the pickles that a checkpoint needs, protocol 2: plain values, and calls of named Python functions.

/** A Python name, for itself. */
export interface PickledName {
  readonly pickle: 'name';
  readonly module: string;
  readonly name: string;
}

/** What calling a function gives when the pickle is read. */
export interface PickledCall {
  readonly pickle: 'call';
  readonly callee: PickledName;
  readonly args: readonly PickleValue[];
}

/** An object that the pickle's container holds, by its id. */
export interface PickledReference {
  readonly pickle: 'reference';
  readonly id: readonly PickleValue[];
}

/** A list where Python tells it from a tuple. */
export interface PickledTuple {
  readonly pickle: 'tuple';
  readonly items: readonly PickleValue[];
}

/** Arrays become lists, maps become dicts in their order, whole numbers become `int`, others `float`. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | readonly PickleValue[]
  | ReadonlyMap<string, PickleValue>
  | PickledName
  | PickledCall
  | PickledReference
  | PickledTuple;

/** @throws {RangeError} for a whole number beyond 64 bits. */
export function formatPickle(value: PickleValue): Uint8Array {
  return Buffer.concat([...bytes(0x80, 2), ...pickled(value), ...opcode('.')]);
}

function* pickled(value: PickleValue): Generator<Uint8Array> {
  if (value === null) yield* opcode('N');
  else if (typeof value === 'boolean') yield* bytes(value ? 0x88 : 0x89);
  else if (typeof value === 'number') yield* numberOpcode(value);
  else if (typeof value === 'string') yield* textOpcode(value);
  else if (value instanceof Map) yield* dict(value);
  else if ('pickle' in value) yield* special(value);
  else yield* list(value as readonly PickleValue[]);
}

function* special(value: PickledName | PickledCall | PickledReference | PickledTuple): Generator<Uint8Array> {
  switch (value.pickle) {
    case 'name':
      yield Buffer.from(`c${value.module}\n${value.name}\n`);
      break;
    case 'call':
      yield* pickled(value.callee);
      yield* tuple(value.args);
      yield* opcode('R');
      break;
    case 'reference':
      yield* tuple(value.id);
      yield* opcode('Q');
      break;
    case 'tuple':
      yield* tuple(value.items);
      break;
  }
}

function* tuple(items: readonly PickleValue[]): Generator<Uint8Array> {
  yield* opcode('(');
  for (const item of items) yield* pickled(item);
  yield* opcode('t');
}

function* list(items: readonly PickleValue[]): Generator<Uint8Array> {
  yield* opcode(']', '(');
  for (const item of items) yield* pickled(item);
  yield* opcode('e');
}

function* dict(entries: ReadonlyMap<string, PickleValue>): Generator<Uint8Array> {
  yield* opcode('}', '(');
  for (const [key, item] of entries) {
    yield* textOpcode(key);
    yield* pickled(item);
  }
  yield* opcode('u');
}

function* textOpcode(text: string): Generator<Uint8Array> {
  const content = Buffer.from(text);
  const head = Buffer.from('X\0\0\0\0');
  head.writeUInt32LE(content.length, 1);
  yield head;
  yield content;
}

function* numberOpcode(value: number): Generator<Uint8Array> {
  if (!Number.isInteger(value)) {
    const head = Buffer.from('G\0\0\0\0\0\0\0\0');
    head.writeDoubleBE(value, 1);
    yield head;
    return;
  }
  const small = Math.abs(value) <= 0x7fff_ffff;
  const head = Buffer.from(small ? 'J\0\0\0\0' : '\x8a\x08\0\0\0\0\0\0\0\0', 'latin1');
  if (small) head.writeInt32LE(value, 1);
  else head.writeBigInt64LE(BigInt(value), 2);
  yield head;
}

const bytes = (...values: number[]): Uint8Array[] => [Uint8Array.from(values)];

const opcode = (...opcodes: string[]): Uint8Array[] => [Buffer.from(opcodes.join(''))];
