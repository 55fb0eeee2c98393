import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ObjectStore } from '#platform/objects/object-store.ts';

/** A store for one test, empty at first. */
export interface StoreUnderTest extends AsyncDisposable {
  readonly store: ObjectStore;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: Uint8Array | undefined): string | undefined => found && new TextDecoder().decode(found);

/** What every object store does, whatever it keeps its objects in. */
export function testsObjectStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`object store: ${name}`, () => {
    let opened: StoreUnderTest;
    let store: ObjectStore;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    test('what is read is what was put', async () => {
      await store.put('steps/ab/cases.json', bytes('{}'));
      expect(text(await store.get('steps/ab/cases.json'))).toBe('{}');
    });

    test('any bytes come back as they were put, with their size', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (content) => {
          await store.put('any', content);
          expect(await store.get('any')).toEqual(content);
          expect((await store.head('any'))?.bytes).toBe(content.length);
        }),
        { numRuns: 20 },
      );
    });

    test('a put replaces what was there, also by something shorter', async () => {
      await store.put('key', bytes('long content'));
      await store.put('key', bytes('short'));
      expect(text(await store.get('key'))).toBe('short');
    });

    test('what is not there is undefined, and deleting it is fine', async () => {
      await store.delete('none');
      expect(await store.get('none')).toBeUndefined();
      expect(await store.head('none')).toBeUndefined();
      expect(await store.list('none')).toEqual([]);
    });

    test('below and above an object there is none', async () => {
      await store.put('a/b', bytes('b'));
      expect(await store.get('a')).toBeUndefined();
      expect(await store.head('a')).toBeUndefined();
      expect(await store.get('a/b/c')).toBeUndefined();
      expect(await store.list('a/b/')).toEqual([]);
    });

    test('a deleted object is gone and its key is free', async () => {
      await store.put('key', bytes('1'));
      await store.delete('key');
      expect(await store.get('key')).toBeUndefined();
      expect(await store.putIfAbsent('key', bytes('2'))).toBe(true);
    });

    test('putIfAbsent takes a free key and leaves a taken one as it is', async () => {
      expect(await store.putIfAbsent('manifest.json', bytes('first'))).toBe(true);
      expect(await store.putIfAbsent('manifest.json', bytes('second'))).toBe(false);
      expect(text(await store.get('manifest.json'))).toBe('first');
    });

    test('of sixteen putIfAbsent at once exactly one wins, and its bytes stand', async () => {
      const racers = Array.from({ length: 16 }, (_, i) => `racer ${i}`);
      const won = await Promise.all(racers.map((racer) => store.putIfAbsent('steps/ab/manifest.json', bytes(racer))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(text(await store.get('steps/ab/manifest.json'))).toBe(racers[won.indexOf(true)]);
      expect(await store.list('')).toEqual(['steps/ab/manifest.json']);
    });

    test('of many puts at once one stands whole', async () => {
      const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(100_000));
      await Promise.all(contents.map((content) => store.put('key', bytes(content))));
      expect(contents).toContain(text(await store.get('key')));
    });

    test('a list holds every key with the prefix, ascending, at any depth', async () => {
      for (const key of ['b/2', 'b/10', 'a', 'b/1/deep/er', 'bc']) await store.put(key, bytes(key));
      expect(await store.list('')).toEqual(['a', 'b/1/deep/er', 'b/10', 'b/2', 'bc']);
      expect(await store.list('b')).toEqual(['b/1/deep/er', 'b/10', 'b/2', 'bc']);
      expect(await store.list('b/')).toEqual(['b/1/deep/er', 'b/10', 'b/2']);
      expect(await store.list('b/1')).toEqual(['b/1/deep/er', 'b/10']);
    });

    test('head tells the size and a time of change that is not before the last one', async () => {
      await store.put('key', bytes('one'));
      const first = await store.head('key');
      await store.put('key', bytes('three'));
      const second = await store.head('key');
      expect(first?.bytes).toBe(3);
      expect(second?.bytes).toBe(5);
      expect(second?.modified.getTime()).toBeGreaterThanOrEqual(first?.modified.getTime() ?? Number.NaN);
    });

    test.each(['', '/etc/passwd', '../outside', 'a/../../outside', 'a/./b', 'a//b', 'a/', 'a\0b'])(
      '%j is refused as a key',
      async (key) => {
        await expect(store.put(key, bytes('x'))).rejects.toThrow(RangeError);
        await expect(store.putIfAbsent(key, bytes('x'))).rejects.toThrow(RangeError);
        await expect(store.get(key)).rejects.toThrow(RangeError);
        await expect(store.delete(key)).rejects.toThrow(RangeError);
      },
    );

    test('a prefix cannot lead out of the store', async () => {
      await expect(store.list('../')).rejects.toThrow(RangeError);
    });
  });
}
