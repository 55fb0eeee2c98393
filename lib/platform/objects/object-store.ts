// The port to stored bytes. Keys are slash-separated, without `.` or `..` segments. What is read is what was put: a
// put is seen whole or not at all. Adapters: `directory-object-store.ts` (and S3, not yet there); every one passes
// `test/support/object-store-conformance.ts`.

export interface ObjectStore {
  /** Puts an object, replacing any of that key. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** Puts an object only if the key is free. @returns false, changing nothing, when it was taken. */
  putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** @returns the bytes, or `undefined` when there is no such object. */
  get(key: string): Promise<Uint8Array | undefined>;
  /** @returns size and time of the last change, or `undefined` when absent. */
  head(key: string): Promise<{ readonly bytes: number; readonly modified: Date } | undefined>;
  /** Keys that start with `prefix`, ascending. */
  list(prefix: string): Promise<string[]>;
  /** Absent is fine. */
  delete(key: string): Promise<void>;
}
