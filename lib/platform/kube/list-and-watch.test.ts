import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { anObject } from '#test/a-kube-object.ts';
import { eventually } from '#test/eventually.ts';
import { ManualClock } from '#test/manual-clock.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { failureStatus } from './failure-status.ts';
import { KubeApiError, KubeUnreachableError } from './kube-api-error.ts';
import type { Listing, WatchEvent } from './kube-client.ts';
import { type KubeObject, PODS } from './kube-object.ts';
import { ListAndWatch } from './list-and-watch.ts';

type Event = WatchEvent<KubeObject>;

const request = { method: 'GET', path: '/api/v1/pods' };
const refused = (code: number, extra = '') =>
  new KubeApiError(request, failureStatus(`{"kind":"Status"${extra}}`, code));
const gone = () => refused(410);
const unreachable = () => new KubeUnreachableError(request, { cause: new Error('ECONNRESET') });

/** A watch as the test leads it. */
class LedWatch {
  readonly resourceVersion: string;
  readonly seconds: number;
  readonly #given: (Event | Error | 'end')[] = [];
  #wake = Promise.withResolvers<void>();

  constructor(from: { readonly resourceVersion: string; readonly seconds: number }) {
    this.resourceVersion = from.resourceVersion;
    this.seconds = from.seconds;
  }

  give(...given: (Event | Error | 'end')[]): void {
    this.#given.push(...given);
    this.#wake.resolve();
  }

  async *events(signal: AbortSignal): AsyncGenerator<Event> {
    signal.addEventListener('abort', () => this.give(unreachable()));
    for (;;) {
      const next = this.#given.shift();
      if (next === undefined) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
      } else if (next === 'end') return;
      else if (next instanceof Error) throw next;
      else yield next;
    }
  }
}

/** A list-and-watch over an API server that does what the test says. */
function watched(...answers: (Listing<KubeObject> | Error)[]) {
  const clock = new ManualClock();
  const log = new RecordingLogger();
  const watches: LedWatch[] = [];
  const changes: string[] = [];
  let lists = 0;
  const client = {
    async list() {
      lists++;
      const answer = answers.shift();
      if (answer === undefined) throw new Error('the test expected no further list');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    watch(_resource: unknown, _selection: unknown, from: LedWatch, signal: AbortSignal) {
      const watch = new LedWatch(from);
      watches.push(watch);
      return watch.events(signal);
    },
  } as unknown as ConstructorParameters<typeof ListAndWatch>[0]['client'];
  const subject = new ListAndWatch<KubeObject>({
    client,
    resource: PODS as never,
    selection: { namespace: 'research' },
    changed: (change) =>
      changes.push(`${change.type} ${(change.type === 'removed' ? change.before : change.after).metadata.name}`),
    silenceMs: 150_000,
    watchSeconds: 300,
    backoff: { firstMs: 1000, longestMs: 30_000 },
    clock,
    random: () => 0.5,
    log,
  });
  const nthWatch = async (n: number): Promise<LedWatch> => {
    await eventually(`watch ${n} is opened`, () => watches.length === n);
    return watches[n - 1] as LedWatch;
  };
  let pauses = 0;
  /** Lets the pause pass that follows the next failure. */
  const afterPause = async (ms: number) => {
    pauses += 1;
    await eventually(`it pauses for the ${pauses}th time`, () => log.lines.length === pauses && clock.sleeping === 1);
    clock.advance(ms);
  };
  return { subject, clock, log, watches, changes, nthWatch, afterPause, lists: () => lists };
}

const listing = (resourceVersion: string, ...names: string[]): Listing<KubeObject> => ({
  items: names.map((name) => anObject({ name })),
  resourceVersion,
});

const added = (name: string, resourceVersion: string): Event => ({
  type: 'ADDED',
  object: anObject({ name, resourceVersion }),
});

describe('ListAndWatch', () => {
  test('lists, watches from there, and keeps the cache as the server has it', async () => {
    const { subject, changes, nthWatch } = watched(listing('10', 'a', 'b'));
    await using _ = subject;
    await subject.synced;
    const watch = await nthWatch(1);
    expect(watch).toMatchObject({ resourceVersion: '10', seconds: 450 });
    watch.give(
      added('c', '11'),
      { type: 'MODIFIED', object: anObject({ name: 'a', resourceVersion: '12' }) },
      { type: 'DELETED', object: anObject({ name: 'b', resourceVersion: '13' }) },
    );
    await eventually('b is gone', () => changes.length === 5);
    expect(changes).toEqual(['added a', 'added b', 'added c', 'changed a', 'removed b']);
    expect(subject.cache.all().map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
  });

  test('what we wrote ourselves is known at once, and older news of it change nothing', async () => {
    const { subject, changes, nthWatch } = watched(listing('10', 'a'));
    await using _ = subject;
    const watch = await nthWatch(1);
    subject.know(anObject({ name: 'a', resourceVersion: '12' }));
    expect(subject.cache.all().map(({ metadata }) => metadata.resourceVersion)).toEqual(['12']);
    watch.give({ type: 'MODIFIED', object: anObject({ name: 'a', resourceVersion: '11' }) }, added('b', '13'));
    await eventually('b is there', () => changes.includes('added b'));
    expect(changes).toEqual(['added a', 'changed a', 'added b']);
  });

  test('a watch that the server ends in order goes on at once where it was', async () => {
    const { subject, clock, nthWatch, lists } = watched(listing('10'));
    await using _ = subject;
    const first = await nthWatch(1);
    clock.advance(60_000);
    first.give(added('a', '11'), { type: 'BOOKMARK', resourceVersion: '40' }, 'end');
    expect(await nthWatch(2)).toMatchObject({ resourceVersion: '40' });
    expect(lists()).toBe(1);
  });

  test('a connection that breaks goes on where it was, after a pause', async () => {
    const { subject, nthWatch, afterPause, log } = watched(listing('10'));
    await using _ = subject;
    (await nthWatch(1)).give(added('a', '11'), unreachable());
    await afterPause(750);
    expect(await nthWatch(2)).toMatchObject({ resourceVersion: '11' });
    expect(log.lines.map(({ level }) => level)).toEqual(['debug']);
  });

  test.each([
    { name: 'an answer', end: [gone()] },
    { name: 'an event', end: [added('x', '11'), gone()] },
  ])('when its past is forgotten, told by $name, it lists again and says what it missed', async ({ end }) => {
    const { subject, changes, nthWatch, afterPause } = watched(listing('10', 'a', 'b'), listing('50', 'b', 'c'));
    await using _ = subject;
    (await nthWatch(1)).give(...end);
    await afterPause(750);
    expect(await nthWatch(2)).toMatchObject({ resourceVersion: '50' });
    expect(changes.slice(-(end.length + 1))).toEqual(
      end.length === 1 ? ['removed a', 'added c'] : ['removed a', 'removed x', 'added c'],
    );
  });

  test('a watch on which nothing comes is given up for dead and opened again', async () => {
    const { subject, clock, nthWatch, afterPause, changes, log } = watched(listing('10'));
    await using _ = subject;
    const first = await nthWatch(1);
    const pass = async (halfMinutes: number) => {
      for (let i = 0; i < halfMinutes; i++) {
        clock.advance(30_000);
        await setImmediate();
      }
    };
    await pass(4);
    first.give(added('a', '20'));
    await eventually('it has heard', () => changes.length === 1);
    await pass(5);
    expect(log.lines).toEqual([]);
    await pass(1);
    await afterPause(750);
    expect(await nthWatch(2)).toMatchObject({ resourceVersion: '20' });
  });

  test('it never gives up, pauses longer each time, and is ready once the server is', async () => {
    const { subject, nthWatch, afterPause, log } = watched(
      unreachable(),
      refused(403),
      refused(503),
      listing('10', 'a'),
    );
    await using _ = subject;
    for (const pause of [750, 1500, 3000]) await afterPause(pause);
    await subject.synced;
    await nthWatch(1);
    expect(subject.cache.size).toBe(1);
    expect(log.lines.map(({ fields }) => fields)).toMatchObject([
      { pauseMs: 750 },
      { pauseMs: 1500 },
      { pauseMs: 3000 },
    ]);
  });

  test('a server that asks for time is given it', async () => {
    const { subject, afterPause, nthWatch, log } = watched(
      refused(429, ',"details":{"retryAfterSeconds":20}'),
      listing('10'),
    );
    await using _ = subject;
    await afterPause(20_000);
    await nthWatch(1);
    expect(log.lines[0]?.fields).toMatchObject({ pauseMs: 20_000 });
  });

  test('a watch that ends at once each time is not opened in a hurry', async () => {
    const { subject, nthWatch, afterPause, log } = watched(listing('10'));
    await using _ = subject;
    (await nthWatch(1)).give('end');
    await afterPause(750);
    (await nthWatch(2)).give('end');
    await afterPause(1500);
    await nthWatch(3);
    expect(log.lines.map(({ level }) => level)).toEqual(['debug', 'warn']);
  });

  test('stopping ends it whatever it is doing, without a word', async () => {
    const watching = watched(listing('10'));
    await watching.nthWatch(1);
    await watching.subject[Symbol.asyncDispose]();
    expect(watching.log.lines).toEqual([]);

    const pausing = watched(unreachable());
    await eventually('it pauses', () => pausing.clock.sleeping === 1);
    await pausing.subject[Symbol.asyncDispose]();
    expect(pausing.lists()).toBe(1);
  });
});
