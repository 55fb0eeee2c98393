// Reads Python pickles of protocol 2 as data. A pickle is a program for a stack machine that may call any Python
// function by name; here it can name only the globals that the caller lists, and what stands behind those is ours. So
// nothing from the file runs. The machine is a loop, so nesting costs no stack, and all lengths are checked against the
// bytes that are there. @see CPython, Lib/pickletools.py (the opcodes)

import { TorchCheckpointUnreadableError } from './torch-checkpoint-unreadable-error.ts';

/** A Python name that a pickle may use. */
export interface PickleGlobal {
  /** `module name`. */
  readonly name: string;
  /** What calling it gives; `null` for a name that is only passed on. */
  readonly call: ((args: readonly unknown[]) => unknown) | null;
}

/** An object whose state a pickle sets after making it. */
export abstract class PickledObject {
  abstract setState(state: unknown): void;
}

/** What a dict of a pickle becomes. */
export type PickledDict = Map<string | number | boolean | null, unknown>;

export interface PickleNames {
  readonly globals: readonly PickleGlobal[];
  /** The object behind a persistent id, which the pickle's container holds. */
  readonly persistent: (id: unknown) => unknown;
}

/** More than this no checkpoint describes, not even 8000 epochs of logs: its weights lie outside of the pickle. */
const MOST_BYTES = 64 * 1024 * 1024;
/** One byte makes a list, which takes many: without a limit a small file would fill the memory. */
const MOST_OBJECTS = 4_000_000;

/**
 * The value of a pickle: dicts (ordered ones too) as `Map`, lists and tuples as arrays, numbers, strings, `null`, and
 * whatever the globals make. Objects that the pickle shares are shared; it may even hold a cycle.
 *
 * @throws {TorchCheckpointUnreadableError} naming the first global or opcode that is not known; for a pickle that is cut
 *   off, of another protocol, longer than 64 MiB, of more than four million objects, or whose steps make no sense.
 */
export function parsePickle(bytes: Uint8Array, names: PickleNames): unknown {
  if (bytes.length > MOST_BYTES)
    throw fault(`a pickle of ${bytes.length} bytes is not read, ${MOST_BYTES} are the most`);
  return new PickleMachine(bytes, names).run();
}

const fault = (message: string) => new TorchCheckpointUnreadableError(message);

class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #names: PickleNames;
  readonly #globals: ReadonlyMap<string, PickleGlobal>;
  readonly #memo = new Map<number, unknown>();
  /** Stacks below the marks that are open. */
  readonly #outer: unknown[][] = [];
  #stack: unknown[] = [];
  #at = 0;
  #objects = 0;

  constructor(bytes: Uint8Array, names: PickleNames) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#names = names;
    this.#globals = new Map(names.globals.map((global) => [global.name, global]));
  }

  run(): unknown {
    for (;;) {
      const opcode = this.#byte();
      if (opcode === 0x2e) return this.#pop(); // STOP
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const step = STEPS.get(opcode);
    if (step === undefined)
      throw fault(`the pickle has opcode 0x${opcode.toString(16)} at ${this.#at - 1}, which is not read`);
    step(this);
  }

  // The rest is for STEPS.

  protocol(): void {
    const protocol = this.#byte();
    if (protocol !== 2) throw fault(`a pickle of protocol ${protocol} is not read; save with PyTorch's default, 2`);
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** As `push`, of an object that did not exist before. */
  make(value: unknown): void {
    if (++this.#objects > MOST_OBJECTS) throw fault(`the pickle makes more than ${MOST_OBJECTS} objects`);
    this.#stack.push(value);
  }

  mark(): void {
    if (++this.#objects > MOST_OBJECTS) throw fault(`the pickle makes more than ${MOST_OBJECTS} objects`);
    this.#outer.push(this.#stack);
    this.#stack = [];
  }

  /** What was pushed since the last mark. */
  sinceMark(): unknown[] {
    const outer = this.#outer.pop();
    if (outer === undefined) throw fault('the pickle closes a mark that it never set');
    const values = this.#stack;
    this.#stack = outer;
    return values;
  }

  tuple(length: number): void {
    this.make(this.take(length));
  }

  integer(width: 1 | 2 | 4): number {
    const at = this.#advance(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at, true) : this.#view.getInt32(at, true);
  }

  index(width: 1 | 4): number {
    const at = this.#advance(width);
    return width === 1 ? this.#view.getUint8(at) : this.#view.getUint32(at, true);
  }

  long(): number | bigint {
    const length = this.#byte();
    if (length > 8) throw fault(`the pickle has a whole number of ${length} bytes, 8 are the most that is read`);
    const at = this.#advance(length);
    let value = 0n;
    for (let i = 0; i < length; i++) value |= BigInt(this.#view.getUint8(at + i)) << BigInt(8 * i);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  float(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  text(): string {
    const length = this.index(4);
    const at = this.#advance(length);
    return new TextDecoder().decode(this.#bytes.subarray(at, at + length));
  }

  remember(index: number): void {
    if (this.#stack.length === 0) throw fault('the pickle remembers a value that it does not have');
    this.#memo.set(index, this.#stack.at(-1));
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw fault(`the pickle recalls value ${index}, which it never remembered`);
    this.push(this.#memo.get(index));
  }

  global(): void {
    const name = `${this.#line()} ${this.#line()}`;
    const global = this.#globals.get(name);
    if (global === undefined)
      throw fault(`the checkpoint uses Python's '${name.replace(' ', '.')}', which is not read: it could be any code`);
    this.push(global);
  }

  reduce(): void {
    const args = this.#pop();
    const callee = this.#pop();
    const global = this.#names.globals.find((known) => known === callee);
    if (!global?.call || !Array.isArray(args)) throw fault('the pickle calls what is no known function');
    this.make(global.call(args));
  }

  build(): void {
    const state = this.#pop();
    const target = this.#stack.at(-1);
    if (target instanceof PickledObject) target.setState(state);
    // The attributes of an ordered dict, such as PyTorch's `_metadata`, hold nothing of use here.
    else if (!(target instanceof Map)) throw fault('the pickle sets the state of what has none');
  }

  setItems(entries: readonly unknown[]): void {
    const target = this.#stack.at(-1);
    if (!(target instanceof Map) || entries.length % 2 !== 0) throw fault('the pickle fills what is no dict');
    for (let i = 0; i < entries.length; i += 2) target.set(dictKey(entries[i]), entries[i + 1]);
  }

  append(values: readonly unknown[]): void {
    const target = this.#stack.at(-1);
    if (!Array.isArray(target)) throw fault('the pickle appends to what is no list');
    for (const value of values) target.push(value);
  }

  take(count: number): unknown[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  persistent(): void {
    this.push(this.#names.persistent(this.#pop()));
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw fault('the pickle takes a value that it does not have');
    return this.#stack.pop();
  }

  #byte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  #advance(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) throw fault('the pickle is cut off');
    this.#at += length;
    return at;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) throw fault('the pickle is cut off');
    const line = new TextDecoder().decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return line;
  }
}

function dictKey(key: unknown): string | number | boolean | null {
  if (key === null || typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean') return key;
  throw fault('the pickle has a dict whose keys are neither text nor numbers');
}

/** What each opcode does, by its byte. */
const STEPS: ReadonlyMap<number, (machine: PickleMachine) => void> = new Map(
  Object.entries<(machine: PickleMachine) => void>({
    '\x80': (machine) => machine.protocol(),
    '(': (machine) => machine.mark(),
    '}': (machine) => machine.make(new Map()),
    ']': (machine) => machine.make([]),
    ')': (machine) => machine.make([]),
    t: (machine) => machine.push(machine.sinceMark()),
    '\x85': (machine) => machine.tuple(1),
    '\x86': (machine) => machine.tuple(2),
    '\x87': (machine) => machine.tuple(3),
    q: (machine) => machine.remember(machine.index(1)),
    r: (machine) => machine.remember(machine.index(4)),
    h: (machine) => machine.recall(machine.index(1)),
    j: (machine) => machine.recall(machine.index(4)),
    X: (machine) => machine.push(machine.text()),
    K: (machine) => machine.push(machine.integer(1)),
    M: (machine) => machine.push(machine.integer(2)),
    J: (machine) => machine.push(machine.integer(4)),
    '\x8a': (machine) => machine.push(machine.long()),
    G: (machine) => machine.push(machine.float()),
    N: (machine) => machine.push(null),
    '\x88': (machine) => machine.push(true),
    '\x89': (machine) => machine.push(false),
    c: (machine) => machine.global(),
    R: (machine) => machine.reduce(),
    b: (machine) => machine.build(),
    s: (machine) => machine.setItems(machine.take(2)),
    u: (machine) => machine.setItems(machine.sinceMark()),
    a: (machine) => machine.append(machine.take(1)),
    e: (machine) => machine.append(machine.sinceMark()),
    Q: (machine) => machine.persistent(),
  }).map(([opcode, step]) => [opcode.charCodeAt(0), step]),
);
