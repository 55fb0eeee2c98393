import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BusMessage, MessageBus } from '#platform/bus/message-bus.ts';

/** A bus for one test, without messages at first. */
export interface BusUnderTest extends AsyncDisposable {
  readonly bus: MessageBus;
}

/** What every message bus does, whatever carries the messages. */
export function testsMessageBus(name: string, open: () => Promise<BusUnderTest>): void {
  describe(`message bus: ${name}`, () => {
    let opened: BusUnderTest;
    let bus: MessageBus;
    beforeEach(async () => {
      opened = await open();
      bus = opened.bus;
    });
    afterEach(() => opened[Symbol.asyncDispose]());

    const message = (subject: string, id: string): BusMessage => ({ subject, id, body: { loss: 0.5, of: id } });
    const ids = (messages: readonly BusMessage[]) => messages.map(({ id }) => id);

    /** The first `count` messages of a subscription, which then ends. */
    async function take(count: number, pattern: string): Promise<BusMessage[]> {
      const aborting = new AbortController();
      const taken: BusMessage[] = [];
      for await (const one of bus.subscribe(pattern, aborting.signal)) {
        taken.push(one);
        if (taken.length === count) aborting.abort();
      }
      return taken;
    }

    test('a subscription begins with what was published before it', async () => {
      await bus.publish(message('metrics.uid.2d.0', '1'));
      expect(await take(1, 'metrics.>')).toEqual([message('metrics.uid.2d.0', '1')]);
    });

    test('a subscription goes on with what is published after it', async () => {
      const taken = take(3, 'metrics.*');
      for (const id of ['1', '2', '3']) await bus.publish(message('metrics.a', id));
      expect(ids(await taken)).toEqual(['1', '2', '3']);
    });

    test('messages of one subject come in the order in which they were published', async () => {
      const published = Array.from({ length: 200 }, (_, i) => String(i));
      await Promise.all(published.map((id) => bus.publish(message('metrics.a', id))));
      expect(ids(await take(200, 'metrics.a'))).toEqual(published);
    });

    test('ten thousand messages come in order, to who listens from the start and to who comes late', async () => {
      const published = Array.from({ length: 10_000 }, (_, i) => String(i));
      const early = take(published.length, 'metrics.>');
      for (let at = 0; at < published.length; at += 500) {
        const some = published.slice(at, at + 500);
        await Promise.all(some.map((id) => bus.publish(message('metrics.a', id))));
      }
      expect(ids(await early)).toEqual(published);
      expect(ids(await take(published.length, 'metrics.a'))).toEqual(published);
    });

    test('a repetition is dropped also long after', async () => {
      const published = Array.from({ length: 300 }, (_, i) => String(i));
      for (const id of [...published, '0', '7', 'last']) await bus.publish(message('metrics.a', id));
      expect(ids(await take(301, 'metrics.a'))).toEqual([...published, 'last']);
    });

    test('a subscription that is left early takes nothing from another', async () => {
      const patient = take(3, 'metrics.>');
      await bus.publish(message('metrics.a', '1'));
      for await (const one of bus.subscribe('metrics.>', new AbortController().signal)) {
        expect(one).toEqual(message('metrics.a', '1'));
        break;
      }
      for (const id of ['2', '3']) await bus.publish(message('metrics.a', id));
      expect(ids(await patient)).toEqual(['1', '2', '3']);
    });

    test('a second message of the same subject and id is dropped', async () => {
      for (const id of ['1', '1', '2']) await bus.publish(message('metrics.a', id));
      await bus.publish({ ...message('metrics.a', '1'), body: 'another' });
      await bus.publish(message('metrics.a', 'last'));
      expect(await take(3, 'metrics.a')).toEqual(['1', '2', 'last'].map((id) => message('metrics.a', id)));
    });

    test('the same id on two subjects makes two messages', async () => {
      await bus.publish(message('metrics.a', '1'));
      await bus.publish(message('metrics.b', '1'));
      const subjects = (await take(2, 'metrics.*')).map(({ subject }) => subject);
      expect(subjects.sort()).toEqual(['metrics.a', 'metrics.b']);
    });

    test('every subscription gets every message', async () => {
      const both = Promise.all([take(2, 'a'), take(2, '>')]);
      for (const id of ['1', '2']) await bus.publish(message('a', id));
      expect((await both).map(ids)).toEqual([
        ['1', '2'],
        ['1', '2'],
      ]);
    });

    test.each([
      { pattern: 'metrics.uid.2d.0', want: ['metrics.uid.2d.0'] },
      { pattern: 'metrics.uid.*.0', want: ['metrics.uid.2d.0', 'metrics.uid.3d_fullres.0'] },
      { pattern: 'metrics.uid.2d.*', want: ['metrics.uid.2d.0', 'metrics.uid.2d.1'] },
      { pattern: '*.*.2d.>', want: ['metrics.uid.2d.0', 'metrics.uid.2d.1', 'other.uid.2d.0'] },
      { pattern: '*', want: ['metrics'] },
      { pattern: 'metrics.>', want: ['metrics.uid.2d.0', 'metrics.uid.2d.1', 'metrics.uid.3d_fullres.0'] },
    ])('the pattern $pattern picks $want', async ({ pattern, want }) => {
      const subjects = [
        'metrics.uid.2d.0',
        'metrics.uid.2d.1',
        'metrics.uid.3d_fullres.0',
        'metrics',
        'other.uid.2d.0',
      ];
      for (const subject of subjects) await bus.publish(message(subject, '1'));
      const taken = await take(want.length, pattern);
      expect(taken.map(({ subject }) => subject).sort()).toEqual(want);
    });

    test('a subscription whose signal aborted ends, also without a message', async () => {
      const aborting = new AbortController();
      const ended = all(bus.subscribe('a', aborting.signal));
      aborting.abort();
      expect(await ended).toEqual([]);
    });

    test.each(['', 'a..b', '.a', 'a b', 'a.*', '>', '../a', `${'a'.repeat(201)}`])(
      'nothing can be published under %j',
      async (subject) => {
        await expect(bus.publish(message(subject, '1'))).rejects.toThrow(RangeError);
      },
    );

    test.each(['', 'a.>.b', 'a*', '..'])('%j is refused as a pattern', async (pattern) => {
      await expect(all(bus.subscribe(pattern, new AbortController().signal))).rejects.toThrow(RangeError);
    });
  });
}

async function all(messages: AsyncIterable<BusMessage>): Promise<BusMessage[]> {
  const taken: BusMessage[] = [];
  for await (const message of messages) taken.push(message);
  return taken;
}
