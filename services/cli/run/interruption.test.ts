import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Interruption } from './interruption.ts';

describe('Interruption', () => {
  test('the first signal asks for a checkpoint, every further one for the end at once, whichever they are', () => {
    const source = new EventEmitter();
    const wishes: string[] = [];
    using interruption = new Interruption(source, (wish) => wishes.push(wish));
    expect(interruption.requested).toBe(false);
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGINT']) source.emit(signal);
    expect(wishes).toEqual(['checkpoint', 'now', 'now']);
    expect(interruption.requested).toBe(true);
  });

  test('nothing listens any more afterwards', () => {
    const source = new EventEmitter();
    new Interruption(source, () => {})[Symbol.dispose]();
    expect(source.eventNames()).toEqual([]);
  });
});
