// What doctor says of an object store: each operation that we use is tried under a key of its own, and taken back.

import { randomBytes, randomUUID } from 'node:crypto';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { type Check, type Finding, fault, ok } from './check.ts';

/** How many shall be first at once. */
const RACERS = 4;

const REMEDY = 'mend what the message names; the store must do all that is tried here';

interface Trial {
  readonly name: string;
  /** @returns what was seen. @throws {Error} saying what was wrong. */
  readonly attempt: (store: ObjectStore, folder: string) => Promise<string>;
}

/** Of every request the URL is signed: what can be done here can be done by a presigned URL. */
const TRIALS: readonly Trial[] = [
  {
    name: 'store put and get',
    async attempt(store, folder) {
      const bytes = randomBytes(1000);
      await store.put(`${folder}/object`, bytes);
      await requireSame(store, `${folder}/object`, bytes);
      await store.put(`${folder}/object`, new Uint8Array());
      await requireSame(store, `${folder}/object`, new Uint8Array());
      return 'an object, and an empty one in its place, by presigned URLs';
    },
  },
  {
    name: 'store conditional put',
    async attempt(store, folder) {
      const key = `${folder}/once`;
      const bytes = Array.from({ length: RACERS }, () => new Uint8Array(randomBytes(100)));
      const won = await Promise.all(bytes.map((one) => store.putIfAbsent(key, one)));
      const winners = bytes.filter((_, i) => won[i]);
      if (winners.length !== 1)
        throw new Error(
          `${winners.length} of ${RACERS} writers were told that they were first; results could be replaced`,
        );
      await requireSame(store, key, winners[0] ?? new Uint8Array());
      if (await store.putIfAbsent(key, bytes[0] ?? new Uint8Array()))
        throw new Error('a key that was taken could be taken again; results could be replaced');
      return `one of ${RACERS} writers at once was first, none later`;
    },
  },
  {
    name: 'store list and head',
    async attempt(store, folder) {
      const found = await store.list(`${folder}/`);
      const wanted = [`${folder}/object`, `${folder}/once`];
      if (found.join() !== wanted.join())
        throw new Error(`expected ${wanted.join(', ')}, listed ${found.join(', ') || 'nothing'}`);
      const head = await store.head(`${folder}/once`);
      if (head?.bytes !== 100) throw new Error(`an object of 100 bytes is said to have ${head?.bytes}`);
      return 'what was put';
    },
  },
  {
    name: 'store delete',
    async attempt(store, folder) {
      await store.delete(`${folder}/object`);
      if ((await store.get(`${folder}/object`)) !== undefined) throw new Error('a deleted object is still there');
      await store.delete(`${folder}/object`);
      return 'also of what is gone';
    },
  },
];

/** @param partBytes an object of more is sent in parts. */
const multipart = (partBytes: number): Trial => ({
  name: 'store multipart put',
  async attempt(store, folder) {
    const bytes = randomBytes(partBytes + 1);
    await store.put(`${folder}/parts`, bytes);
    await requireSame(store, `${folder}/parts`, bytes);
    return `${Math.round(bytes.length / 2 ** 20)} MiB in two parts`;
  },
});

/**
 * One check an operation. After the last nothing of them is left in the store; `tidy` takes away what a check that failed
 * left.
 */
export function storeChecks(store: ObjectStore, partBytes: number): { checks: Check[]; tidy: () => Promise<void> } {
  const folder = `doctor-${randomUUID()}`;
  let isUsable = true;
  const checks = [...TRIALS, multipart(partBytes)].map(({ name, attempt }) => ({
    name,
    look: async (): Promise<Finding> => {
      // The others would only say the same, after as long a wait.
      if (!isUsable) return fault('not tried, as nothing can be put', 'see store put and get, above');
      try {
        return ok(await attempt(store, folder));
      } catch (error) {
        if (name === TRIALS[0]?.name) isUsable = false;
        return fault(error instanceof Error ? error.message : String(error), REMEDY);
      }
    },
  }));
  const tidy = async (): Promise<void> => {
    if (!isUsable) return;
    for (const key of await store.list(`${folder}/`)) await store.delete(key);
  };
  return { checks, tidy };
}

async function requireSame(store: ObjectStore, key: string, bytes: Uint8Array): Promise<void> {
  const found = await store.get(key);
  if (found === undefined) throw new Error('an object that was just put is not there');
  if (Buffer.compare(found, bytes) !== 0) throw new Error('an object came back with other bytes than were put');
}
