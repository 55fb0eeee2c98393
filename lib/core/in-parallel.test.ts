import { describe, expect, test } from 'vitest';
import { inParallel } from './in-parallel.ts';

/** Work that ends when it is told to. */
function heldWork() {
  const begun: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<string>>();
  return {
    begun,
    end: (item: number) => ends.get(item)?.resolve(`result ${item}`),
    fail: (item: number) => ends.get(item)?.reject(new Error(`failure ${item}`)),
    work(item: number): Promise<string> {
      begun.push(item);
      const end = Promise.withResolvers<string>();
      ends.set(item, end);
      return end.promise;
    },
  };
}

/** Lets everything run that can. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('inParallel', () => {
  test('results keep the order of the items, whichever came first', async () => {
    const held = heldWork();
    const all = inParallel([1, 2, 3], held.work, 3);
    for (const item of [3, 1, 2]) {
      held.end(item);
      await settled();
    }
    expect(await all).toEqual(['result 1', 'result 2', 'result 3']);
  });

  test('no more are under way than may be, and the next begins as soon as one ends', async () => {
    const held = heldWork();
    const all = inParallel([1, 2, 3, 4], held.work, 2);
    expect(held.begun).toEqual([1, 2]);
    held.end(2);
    await settled();
    expect(held.begun).toEqual([1, 2, 3]);
    held.end(1);
    await settled();
    for (const item of [3, 4]) held.end(item);
    expect(await all).toHaveLength(4);
  });

  test('after a failure nothing begins, what is under way is waited for, and the first failure is thrown', async () => {
    const held = heldWork();
    const all = inParallel([1, 2, 3], held.work, 2);
    const outcome = all.catch((error: Error) => error.message);
    let over = false;
    void outcome.then(() => {
      over = true;
    });
    held.fail(2);
    await settled();
    expect({ begun: held.begun, over }).toEqual({ begun: [1, 2], over: false });
    held.fail(1);
    expect(await outcome).toBe('failure 2');
  });

  test('nothing to do is done at once', async () => {
    expect(await inParallel([], heldWork().work)).toEqual([]);
  });
});
