import { describe, expect, test } from 'vitest';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { type CheckedFinding, examine } from './check.ts';
import { storeChecks } from './store-checks.ts';

async function examined(store: MemoryObjectStore): Promise<CheckedFinding[]> {
  const { checks, tidy } = storeChecks(store, 1000);
  const findings = await examine(checks);
  await tidy();
  return findings;
}

const faults = (findings: readonly CheckedFinding[]) =>
  findings.filter(({ level }) => level === 'fault').map(({ name, detail }) => `${name}: ${detail}`);

/** Forgets who was first. */
class OverwritingStore extends MemoryObjectStore {
  override async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    await this.put(key, bytes);
    return true;
  }
}

/** Knows a key that is taken, but not two that come at once. */
class RacingStore extends MemoryObjectStore {
  override async putIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const isTaken = this.objects.has(key);
    await Promise.resolve();
    if (!isTaken) await this.put(key, bytes);
    return !isTaken;
  }
}

class KeepingStore extends MemoryObjectStore {
  readonly #kept = new Map<string, Uint8Array>();

  override async delete(key: string): Promise<void> {
    this.#kept.set(key, (await super.get(key)) ?? new Uint8Array());
    await super.delete(key);
  }

  override async get(key: string): Promise<Uint8Array | undefined> {
    return (await super.get(key)) ?? this.#kept.get(key);
  }
}

class CuttingStore extends MemoryObjectStore {
  override put(key: string, bytes: Uint8Array): Promise<void> {
    return super.put(key, bytes.slice(0, 1000));
  }
}

class ForgettingStore extends MemoryObjectStore {
  override async list(): Promise<string[]> {
    return [];
  }
}

class AwayStore extends MemoryObjectStore {
  override put(): Promise<void> {
    return Promise.reject(new Error('no such bucket'));
  }
}

describe('storeChecks', () => {
  test('try every operation of a good store, and leave nothing in it', async () => {
    const store = new MemoryObjectStore();
    const findings = await examined(store);
    expect(faults(findings)).toEqual([]);
    expect(findings.map(({ name }) => name)).toEqual([
      'store put and get',
      'store conditional put',
      'store list and head',
      'store delete',
      'store multipart put',
    ]);
    expect([...store.objects.keys()]).toEqual([]);
  });

  test.each([
    { store: new OverwritingStore(), says: '4 of 4 writers were told that they were first' },
    { store: new RacingStore(), says: '4 of 4 writers were told that they were first' },
    { store: new KeepingStore(), says: 'store delete: a deleted object is still there' },
    { store: new CuttingStore(), says: 'store multipart put: an object came back with other bytes than were put' },
    { store: new ForgettingStore(), says: 'store list and head: expected' },
  ])('find that of $store.constructor.name', async ({ store, says }) => {
    const found = faults(await examined(store));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(says);
  });

  test('try nothing more of a store that takes nothing', async () => {
    const found = faults(await examined(new AwayStore()));
    expect(found[0]).toBe('store put and get: no such bucket');
    expect(found.slice(1).every((text) => text.endsWith('not tried, as nothing can be put'))).toBe(true);
  });
});
