import { describe, expect, test } from 'vitest';
import { Outbox } from './outbox.ts';

const drained = (outbox: Outbox<number>): number[] => {
  const contents: number[] = [];
  for (let next = outbox.first; next !== undefined; next = outbox.first) {
    contents.push(next.content);
    outbox.remove(next);
  }
  return contents;
};

describe('Outbox', () => {
  test('gives the oldest first', () => {
    const outbox = new Outbox<number>(3);
    for (const one of [1, 2, 3]) outbox.add(one);
    expect(drained(outbox)).toEqual([1, 2, 3]);
    expect(outbox.dropped).toBe(0);
  });

  test('drops the oldest beyond its bound, and counts them', () => {
    const outbox = new Outbox<number>(3);
    for (const one of [1, 2, 3, 4, 5]) outbox.add(one);
    expect(outbox.dropped).toBe(2);
    expect(outbox.size).toBe(3);
    expect(drained(outbox)).toEqual([3, 4, 5]);
  });

  test('takes out nothing else when what was dropped turns out to have been sent', () => {
    const outbox = new Outbox<number>(1);
    const onItsWay = outbox.add(1);
    outbox.add(2);
    outbox.remove(onItsWay);
    expect(outbox.dropped).toBe(1);
    expect(drained(outbox)).toEqual([2]);
  });

  test('tells whoever waits that a thing was sent or dropped', async () => {
    const outbox = new Outbox<number>(1);
    const dropped = outbox.add(1);
    const sent = outbox.add(2);
    outbox.remove(sent);
    await expect(Promise.all([dropped.released, sent.released])).resolves.toEqual([undefined, undefined]);
  });

  test('lets whoever waits go, and keeps what they waited for', async () => {
    const outbox = new Outbox<number>(2);
    const kept = outbox.add(1);
    outbox.release();
    await expect(kept.released).resolves.toBeUndefined();
    expect(drained(outbox)).toEqual([1]);
  });
});
