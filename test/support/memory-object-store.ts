import type { ObjectStore } from '#platform/objects/object-store.ts';

/** Objects in memory. Passes the object store's conformance suite; `objects` lets a test look, and damage. */
export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, { readonly bytes: Uint8Array; readonly modified: Date }>();
  readonly #now: () => Date;

  constructor(now = () => new Date()) {
    this.#now = now;
  }

  async put(key: string, bytes: Uint8Array): Promise<void> {
    checkKey(key);
    this.objects.set(key, { bytes: bytes.slice(), modified: this.#now() });
  }

  async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.objects.has(key)) return false;
    await this.put(key, bytes);
    return true;
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.objects.get(key)?.bytes.slice();
  }

  async head(key: string): Promise<{ readonly bytes: number; readonly modified: Date } | undefined> {
    checkKey(key);
    const found = this.objects.get(key);
    return found && { bytes: found.bytes.length, modified: found.modified };
  }

  async list(prefix: string): Promise<string[]> {
    if (prefix.includes('..')) throw new RangeError(`'${prefix}' is not a prefix`);
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  async delete(key: string): Promise<void> {
    checkKey(key);
    this.objects.delete(key);
  }
}

function checkKey(key: string): void {
  if (key.split('/').some((segment) => ['', '.', '..'].includes(segment)) || key.includes('\0')) {
    throw new RangeError(`'${key}' is not a key`);
  }
}
