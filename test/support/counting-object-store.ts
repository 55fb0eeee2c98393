import type { ObjectStore } from '#platform/objects/object-store.ts';
import { MemoryObjectStore } from './memory-object-store.ts';

/** Objects in memory, with a note of every request; while `away` is set, each fails with it. */
export class CountingObjectStore extends MemoryObjectStore implements ObjectStore {
  requests: string[] = [];
  away: Error | null = null;

  /** The requests since the last call of this. */
  taken(): string[] {
    const { requests } = this;
    this.requests = [];
    return requests;
  }

  override put(key: string, bytes: Uint8Array): Promise<void> {
    return this.#asked('put', key, () => super.put(key, bytes));
  }

  override putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    return this.#asked('putIfAbsent', key, () => super.putIfAbsent(key, bytes));
  }

  override get(key: string): Promise<Uint8Array | undefined> {
    return this.#asked('get', key, () => super.get(key));
  }

  override head(key: string) {
    return this.#asked('head', key, () => super.head(key));
  }

  override list(prefix: string): Promise<string[]> {
    return this.#asked('list', prefix, () => super.list(prefix));
  }

  override delete(key: string): Promise<void> {
    return this.#asked('delete', key, () => super.delete(key));
  }

  async #asked<T>(verb: string, key: string, request: () => Promise<T>): Promise<T> {
    this.requests.push(`${verb} ${key.replace(/[0-9a-f]{64}/, '<step>')}`);
    if (this.away !== null) throw this.away;
    return request();
  }
}
