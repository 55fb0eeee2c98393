import { describe, expect, test } from 'vitest';
import { eventually } from '#test/eventually.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { WorkQueue, type WorkQueueOptions } from './work-queue.ts';

/** A queue whose work a test lets go on key by key. */
function aQueue(options: Partial<WorkQueueOptions> = {}) {
  const clock = new ManualClock();
  const begun: string[] = [];
  const failures: string[] = [];
  const going = new Map<string, PromiseWithResolvers<Date | null>>();
  const queue = new WorkQueue({
    parallel: 2,
    firstPauseMs: 1000,
    longestPauseMs: 4000,
    random: () => 0,
    clock,
    work(key) {
      begun.push(key);
      const done = Promise.withResolvers<Date | null>();
      going.set(key, done);
      return done.promise;
    },
    failed: (key, error, count) => failures.push(`${key}: ${error}, ${count} in a row`),
    ...options,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return {
    queue,
    clock,
    begun,
    failures,
    async finish(key: string, next: Date | null = null) {
      going.get(key)?.resolve(next);
      await settled();
    },
    async fail(key: string) {
      going.get(key)?.reject('bad luck');
      await settled();
    },
    async pass(ms: number) {
      clock.advance(ms);
      await settled();
    },
  };
}

describe('WorkQueue', () => {
  test('works on as many keys at once as it may, in the order in which they came', async () => {
    const { queue, begun, finish } = aQueue();
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    expect(begun).toEqual(['a', 'b']);
    await finish('b');
    expect(begun).toEqual(['a', 'b', 'c']);
  });

  test('a key that is added while it is worked on is worked on once more, never by two at once', async () => {
    const { queue, begun, finish } = aQueue();
    for (const key of ['a', 'a', 'a']) queue.add(key);
    expect(begun).toEqual(['a']);
    await finish('a');
    expect(begun).toEqual(['a', 'a']);
    await finish('a');
    expect(begun).toEqual(['a', 'a']);
  });

  test('a key comes again at the time that its work named, or when it is added, whichever is earlier', async () => {
    const { queue, begun, finish, pass, clock } = aQueue();
    queue.add('a');
    await finish('a', new Date(clock.now().getTime() + 10_000));
    await pass(9_999);
    expect(begun).toEqual(['a']);
    await pass(1);
    expect(begun).toEqual(['a', 'a']);
    await finish('a', new Date(clock.now().getTime() + 10_000));
    queue.add('a');
    expect(begun).toEqual(['a', 'a', 'a']);
  });

  test('the time of one key does not put off that of another', async () => {
    const { queue, begun, finish, pass, clock } = aQueue();
    for (const key of ['soon', 'late']) queue.add(key);
    const now = clock.now().getTime();
    await finish('soon', new Date(now + 1000));
    await finish('late', new Date(now + 9000));
    await pass(1000);
    expect(begun).toEqual(['soon', 'late', 'soon']);
    await finish('soon');
    await pass(8000);
    expect(begun).toEqual(['soon', 'late', 'soon', 'late']);
  });

  test('a key that fails waits twice as long each time, up to a bound, whoever adds it meanwhile', async () => {
    const { queue, begun, failures, fail, finish, pass } = aQueue();
    queue.add('a');
    for (const pauseMs of [1000, 2000, 4000, 4000]) {
      await fail('a');
      queue.add('a');
      const before = begun.length;
      await pass(pauseMs - 1);
      expect(begun.length).toBe(before);
      await pass(1);
      expect(begun.length).toBe(before + 1);
    }
    expect(failures.at(-1)).toBe('a: bad luck, 4 in a row');
    await finish('a');
    queue.add('a');
    await fail('a');
    expect(failures.at(-1)).toBe('a: bad luck, 1 in a row');
  });

  test('is idle when the last key was worked on, due ones aside', async () => {
    const { queue, finish, clock } = aQueue({ parallel: 1 });
    for (const key of ['a', 'b']) queue.add(key);
    let idle = false;
    void queue.idle().then(() => {
      idle = true;
    });
    await finish('a', new Date(clock.now().getTime() + 1000));
    expect(idle).toBe(false);
    await finish('b');
    await eventually('the queue is idle', () => idle);
  });

  test('once disposed of it starts nothing, and waits for what is worked on', async () => {
    const { queue, begun, finish } = aQueue({ parallel: 1 });
    for (const key of ['a', 'b']) queue.add(key);
    const disposed = queue[Symbol.asyncDispose]();
    await finish('a', new Date(0));
    await disposed;
    queue.add('c');
    expect(begun).toEqual(['a']);
  });

  test('a key waits no longer when the clock is set back meanwhile', async () => {
    const { queue, clock, begun, fail, finish, pass } = aQueue();
    queue.add('a');
    await fail('a');
    clock.set(-3_600_000);
    await pass(1000);
    expect(begun).toEqual(['a', 'a']);
    await finish('a', new Date(clock.now().getTime() + 5000));
    clock.set(-3_600_000);
    await pass(5000);
    expect(begun).toEqual(['a', 'a', 'a']);
  });
});
