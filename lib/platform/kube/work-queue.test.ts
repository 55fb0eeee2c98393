import { describe, expect, test } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** A queue whose work waits to be told how it ends. */
function aQueue(options: Partial<WorkQueueOptions> = {}) {
  const clock = new ManualClock();
  const begun: string[] = [];
  const pauses: number[] = [];
  const inHand = new Map<string, { done: () => void; fail: () => void }>();
  const queue = new WorkQueue({
    workers: 2,
    backoff: { firstMs: 100, longestMs: 1000 },
    clock,
    random: () => 1,
    failed: (_key, _error, _failures, pauseMs) => pauses.push(pauseMs),
    work: (key) => {
      begun.push(key);
      return new Promise<void>((resolve, reject) => {
        inHand.set(key, { done: resolve, fail: () => reject(new Error('no')) });
      });
    },
    ...options,
  });
  const end = async (key: string, how: 'done' | 'fail' = 'done') => {
    await eventually(`${key} is in work`, () => inHand.has(key));
    inHand.get(key)?.[how]();
    inHand.delete(key);
  };
  return { queue, clock, begun, pauses, inHand, end };
}

describe('WorkQueue', () => {
  test('a key that is added many times is worked on once', async () => {
    const { queue, begun, end } = aQueue({ workers: 1 });
    for (const key of ['a', 'b', 'b', 'b']) queue.add(key);
    await end('a');
    await end('b');
    await eventually('all is done', () => queue.idle);
    expect(begun).toEqual(['a', 'b']);
  });

  test('a key that is added while it is in work comes once more afterwards, and never twice at a time', async () => {
    const { queue, begun, inHand, end } = aQueue();
    queue.add('a');
    await eventually('a is in work', () => inHand.has('a'));
    queue.add('a');
    queue.add('a');
    expect(begun).toEqual(['a']);
    await end('a');
    await end('a');
    await eventually('all is done', () => queue.idle);
    expect(begun).toEqual(['a', 'a']);
  });

  test('also work that adds its own key at once does not run twice at a time', async () => {
    let running = 0;
    let runs = 0;
    const { queue } = aQueue({
      work: async (key) => {
        expect(++running).toBe(1);
        if (++runs < 3) queue.add(key);
        await Promise.resolve();
        running--;
      },
    });
    queue.add('a');
    await eventually('all is done', () => queue.idle);
    expect(runs).toBe(3);
  });

  test('no more keys are in work than there are workers', async () => {
    const { queue, begun, end } = aQueue({ workers: 2 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await eventually('two are in work', () => begun.length === 2);
    await end('b');
    await end('c');
    expect(begun).toEqual(['a', 'b', 'c']);
    await end('a');
  });

  test('a key that fails pauses longer each time, and is forgiven once it succeeds', async () => {
    const { queue, clock, pauses, end } = aQueue();
    queue.add('a');
    for (const pause of [100, 200, 400, 800, 1000, 1000]) {
      await end('a', 'fail');
      await eventually('the key pauses', () => clock.sleeping === 1);
      expect(pauses.at(-1)).toBe(pause);
      clock.advance(pause);
    }
    await end('a');
    queue.add('a');
    await end('a', 'fail');
    await eventually('the key pauses', () => clock.sleeping === 1);
    expect(pauses.at(-1)).toBe(100);
  });

  test('one key that fails does not hold up another', async () => {
    const { queue, end, clock } = aQueue({ workers: 1 });
    queue.add('a');
    queue.add('b');
    await end('a', 'fail');
    await end('b');
    expect(clock.sleeping).toBe(1);
  });

  test('of several delays the earliest counts, and adding at once overtakes them', async () => {
    const { queue, clock, begun, end } = aQueue();
    queue.addAfter('a', 500);
    queue.addAfter('a', 200);
    queue.addAfter('a', 900);
    expect(clock.sleeping).toBe(1);
    clock.advance(200);
    await end('a');
    queue.addAfter('a', 500);
    queue.add('a');
    await end('a');
    clock.advance(5000);
    await eventually('all is done', () => queue.idle);
    expect(begun).toEqual(['a', 'a']);
  });

  test('stopping tells the work in hand, waits for it, and starts nothing else', async () => {
    let told: AbortSignal | undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    const begun: string[] = [];
    const { queue, clock } = aQueue({
      workers: 1,
      work: (key, signal) => {
        begun.push(key);
        told = signal;
        return promise;
      },
    });
    queue.add('a');
    queue.add('b');
    queue.addAfter('c', 100);
    await eventually('a is in work', () => begun.length === 1);
    const stopped = queue.stop();
    expect(told?.aborted).toBe(true);
    resolve();
    await stopped;
    queue.add('d');
    queue.addAfter('e', 1);
    clock.advance(1000);
    expect(begun).toEqual(['a']);
    expect(queue.idle).toBe(true);
  });
});
