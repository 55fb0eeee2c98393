import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BusMessage } from '#platform/bus/message-bus.ts';
import { NatsBus, type NatsBusOptions } from '#platform/bus/nats-bus.ts';
import { loadNatsConfig } from '#platform/bus/nats-config.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { eventually } from '#test/eventually.ts';
import { testsMessageBus } from '#test/message-bus-conformance.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { describeWithServers } from '#test/servers/describe-with-servers.ts';
import { type Nats, startNats } from '#test/servers/nats.ts';

interface Opened extends AsyncDisposable {
  readonly bus: NatsBus;
  readonly stream: string;
  readonly log: RecordingLogger;
}

/** A bus on a stream of its own. */
function openBus({ url }: Nats, stream = randomUUID().slice(0, 8), env = {}): Opened {
  const log = new RecordingLogger();
  const config = loadNatsConfig({ NATS_STREAM: stream, ...env });
  const options: NatsBusOptions = {
    access: { servers: [new URL(url).host], requiresTls: false, ...config },
    stream: config,
    clock: systemClock,
    log,
  };
  const bus = new NatsBus(options);
  return { bus, stream, log, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

const message = (id: number): BusMessage => ({ subject: 'metrics.a', id: String(id), body: { of: id } });

async function publish({ bus }: Opened, from: number, to: number): Promise<void> {
  for (let id = from; id < to; id++) await bus.publish(message(id));
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => String(from + i));

/** Takes messages until the given id has come. */
async function idsUntil({ bus }: Opened, last: number): Promise<string[]> {
  const aborting = new AbortController();
  const ids: string[] = [];
  for await (const { id } of bus.subscribe('metrics.>', aborting.signal)) {
    ids.push(id);
    if (id === String(last)) aborting.abort();
  }
  return ids;
}

const lines = ({ log }: Opened, text: string) => log.lines.filter(({ message: said }) => said === text);

async function withStreams<T>({ url }: Nats, use: (streams: Streams) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: url });
  try {
    return await use((await jetstreamManager(connection)).streams);
  } finally {
    await connection.close();
  }
}

type Streams = Awaited<ReturnType<typeof jetstreamManager>>['streams'];

await describeWithServers('a message bus on NATS', ['nats'], () => {
  let nats: Nats;
  beforeAll(async () => {
    nats = await startNats();
  });
  afterAll(() => nats[Symbol.asyncDispose]());

  testsMessageBus('NATS', async () => openBus(nats));

  describe('the stream', () => {
    test('is made with the limits that are asked for, and changed when they change', async () => {
      await using first = openBus(nats);
      await publish(first, 0, 1);
      const config = async () => await withStreams(nats, async (streams) => (await streams.info(first.stream)).config);
      expect(await config()).toMatchObject({ max_age: 720 * 3600e9, max_bytes: 256 * 2 ** 20, storage: 'file' });

      await using second = openBus(nats, first.stream, { NATS_MAX_AGE_HOURS: '24' });
      await publish(second, 1, 2);
      expect(await config()).toMatchObject({ max_age: 24 * 3600e9 });
      expect(await idsUntil(second, 1)).toEqual(['0', '1']);
    });

    test('that cannot be changed is used as it is, with a warning', async () => {
      await using opened = openBus(nats);
      const { stream } = opened;
      await withStreams(nats, (streams) => streams.add({ name: stream, subjects: [`${stream}.>`], storage: 'memory' }));
      await publish(opened, 0, 2);
      expect(await idsUntil(opened, 1)).toEqual(['0', '1']);
      expect(lines(opened, 'stream of the bus is not as configured')).toHaveLength(1);
    });

    test('keeps of a subject what its limit allows', async () => {
      await using opened = openBus(nats, undefined, { NATS_MAX_MESSAGES_PER_SUBJECT: '3' });
      await publish(opened, 0, 5);
      expect(await idsUntil(opened, 4)).toEqual(['2', '3', '4']);
    });

    test('that is deleted is made again; subscribers go on with what comes then', async () => {
      await using opened = openBus(nats);
      const taken = idsUntil(opened, 9);
      await publish(opened, 0, 5);
      await withStreams(nats, (streams) => streams.delete(opened.stream));
      await publish(opened, 5, 10);
      // The first five may be gone before the subscriber had them.
      expect((await taken).slice(-5)).toEqual(numbers(5, 10));
      const stored = await withStreams(nats, async (streams) => (await streams.info(opened.stream)).state.messages);
      expect(stored).toBe(5);
    });
  });

  test('a message that is sent again after the server forgot its id comes once', async () => {
    await using opened = openBus(nats);
    await publish(opened, 0, 1);
    const taken = idsUntil(opened, 2);
    await withStreams(nats, (streams) => streams.update(opened.stream, { duplicate_window: 100e6 }));
    await setTimeout(300);
    await publish(opened, 0, 3);
    expect(await taken).toEqual(['0', '1', '2']);
    const stored = await withStreams(nats, async (streams) => (await streams.info(opened.stream)).state.messages);
    expect(stored).toBe(4);
  });

  test('what others publish under our names is passed over', async () => {
    await using opened = openBus(nats);
    await publish(opened, 0, 1);
    const stranger = await connect({ servers: nats.url });
    stranger.publish(`${opened.stream}.metrics.a`, 'no JSON');
    await stranger.drain();
    await publish(opened, 1, 2);
    expect(await idsUntil(opened, 1)).toEqual(['0', '1']);
  });

  test('a message that is too large for the server is given up, and those behind it come', async () => {
    await using opened = openBus(nats);
    await opened.bus.publish({ ...message(0), body: 'x'.repeat(2 ** 21) });
    await publish(opened, 1, 2);
    expect(await idsUntil(opened, 1)).toEqual(['1']);
    expect(lines(opened, 'message refused by the bus')).toHaveLength(1);
  });

  test('a subscriber that is slow gets everything, in order', async () => {
    await using opened = openBus(nats);
    const aborting = new AbortController();
    const ids: string[] = [];
    const iterator = opened.bus.subscribe('metrics.>', aborting.signal)[Symbol.asyncIterator]();
    const first = iterator.next();
    await publish(opened, 0, 2000);
    ids.push((await first).value.id);
    while (ids.length < 2000) {
      if (ids.length % 500 === 0) await setTimeout(200);
      ids.push((await iterator.next()).value.id);
    }
    aborting.abort();
    expect((await iterator.next()).done).toBe(true);
    expect(ids).toEqual(numbers(0, 2000));
  });

  test('closing ends subscriptions and leaves no consumer behind', async () => {
    const opened = openBus(nats);
    await publish(opened, 0, 1);
    const taken: string[] = [];
    const ended = (async () => {
      for await (const { id } of opened.bus.subscribe('>', new AbortController().signal)) taken.push(id);
    })();
    await eventually('the subscriber reads', () => taken.length === 1);
    await opened[Symbol.asyncDispose]();
    await ended;
    const consumers = await withStreams(
      nats,
      async (streams) => (await streams.info(opened.stream)).state.consumer_count,
    );
    expect(consumers).toBe(0);
  });
});

await describeWithServers('a message bus whose server goes away', ['nats'], () => {
  test('loses nothing, repeats nothing and keeps the order while it is killed and comes back', async () => {
    await using nats = await startNats();
    await using opened = openBus(nats);
    const taken = idsUntil(opened, 299);
    await publish(opened, 0, 100);
    await nats.kill();
    const began = Date.now();
    await publish(opened, 100, 200);
    // Training goes on: only the first message may have waited, until it was known that nobody answers.
    expect(Date.now() - began).toBeLessThan(5_000);
    await setTimeout(3_000);
    await nats.restart();
    await publish(opened, 200, 300);
    expect(await taken).toEqual(numbers(0, 300));
    await using late = openBus(nats, opened.stream);
    expect(await idsUntil(late, 299)).toEqual(numbers(0, 300));
    expect(lines(opened, 'message bus away')).toHaveLength(1);
    expect(lines(opened, 'message bus back')).toHaveLength(1);
  });

  test('publishes through kills at any moment, each message once', async () => {
    await using nats = await startNats();
    await using opened = openBus(nats);
    const taken = idsUntil(opened, 599);
    const publishing = publish(opened, 0, 600);
    for (let kills = 0; kills < 3; kills++) {
      await setTimeout(60);
      await nats.restart();
    }
    await publishing;
    expect(await taken).toEqual(numbers(0, 600));
  });

  test('keeps what is published before the server is there at all', async () => {
    await using nats = await startNats();
    await nats.kill();
    await using opened = openBus(nats);
    const taken = idsUntil(opened, 9);
    await publish(opened, 0, 10);
    await nats.restart();
    expect(await taken).toEqual(numbers(0, 10));
  });

  test('drops the oldest beyond a bound, says so once, and counts them', async () => {
    await using nats = await startNats();
    await nats.kill();
    await using opened = openBus(nats);
    await publish(opened, 0, 1500);
    await nats.restart();
    expect(await idsUntil(opened, 1499)).toEqual(numbers(500, 1500));
    expect(lines(opened, 'oldest messages dropped')).toHaveLength(1);
    expect(lines(opened, 'message bus back')).toMatchObject([{ fields: { dropped: 500 } }]);
  });

  test('can be closed while the server is away, within its deadline', async () => {
    await using nats = await startNats();
    await nats.kill();
    const opened = openBus(nats);
    const ended = idsUntil(opened, 9);
    await publish(opened, 0, 5);
    const began = Date.now();
    await opened[Symbol.asyncDispose]();
    expect(Date.now() - began).toBeLessThan(8_000);
    expect(await ended).toEqual([]);
    expect(lines(opened, 'messages not sent before the bus was closed')).toMatchObject([{ fields: { messages: 5 } }]);
  });

  test('sends on closing what still waits', async () => {
    await using nats = await startNats();
    const opened = openBus(nats);
    const published = Array.from({ length: 50 }, (_, id) => opened.bus.publish(message(id)));
    await opened[Symbol.asyncDispose]();
    await Promise.all(published);
    await using late = openBus(nats, opened.stream);
    expect(await idsUntil(late, 49)).toEqual(numbers(0, 50));
  });
});
