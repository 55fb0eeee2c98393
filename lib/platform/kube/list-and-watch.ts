import type { Clock } from '../clock/clock.ts';
import type { Logger } from '../logging/logger.ts';
import { type Backoff, pauseMs } from './backoff.ts';
import { isGone, KubeApiError } from './kube-api-error.ts';
import type { KubeClient, Selection, WatchEvent } from './kube-client.ts';
import type { KubeObject, Resource } from './kube-object.ts';
import { type Change, ObjectCache } from './object-cache.ts';

export interface ListAndWatchOptions<T extends KubeObject> {
  readonly client: Pick<KubeClient, 'list' | 'watch'>;
  readonly resource: Resource<T>;
  readonly selection: Selection;
  /** What the cache keeps of an object. Without it, all but who wrote which field. */
  readonly keep?: (object: T) => T;
  /** Hears of every change, also of those that were missed and are found by listing again. Must not throw. */
  readonly changed: (change: Change<T>) => void;
  /**
   * A watch on which nothing comes for so long is taken for dead. The API server sends a bookmark about every minute.
   */
  readonly silenceMs: number;
  /** How long the server is asked to keep one watch open; spread up to twice that, so that watches do not end together. */
  readonly watchSeconds: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** A watch that ends sooner than this was no good, even if the server ended it in order. */
const SHORT_WATCH_MS = 5000;

/**
 * Keeps a cache equal to a collection of the API server, whatever happens to the connection.
 *
 * Lists once, then watches from there. A watch that ends goes on where it was; one whose past is forgotten (410) lists
 * again and says what was missed; errors and silence lead to a new try after a pause that grows. It never gives up: a
 * right that is missing today may be granted tomorrow.
 */
export class ListAndWatch<T extends KubeObject> implements AsyncDisposable {
  readonly cache = new ObjectCache<T>();
  /** Resolves when the cache was filled for the first time. Never rejects. */
  readonly synced: Promise<void>;
  readonly #options: ListAndWatchOptions<T>;
  readonly #stopped = new AbortController();
  readonly #ended: Promise<void>;
  #resourceVersion: string | undefined;
  #failures = 0;

  constructor(options: ListAndWatchOptions<T>) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.synced = promise;
    this.#ended = this.#run(resolve);
  }

  /** Takes over an object that we have just written, so that we do not read an older one until the watch brings it. */
  know(object: T): void {
    this.#tell(this.cache.set(this.#keep(object)));
  }

  /** Stops watching. The cache stays as it was last. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    await this.#ended;
  }

  async #run(synced: () => void): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#list();
        synced();
        await this.#watch(this.#resourceVersion);
      } catch (error) {
        if (!signal.aborted) await this.#recover(error);
      }
    }
  }

  #keep = (object: T): T => (this.#options.keep ?? withoutFieldOwners)(object);

  async #list(): Promise<string> {
    const { client, resource, selection, changed } = this.#options;
    const { items, resourceVersion } = await client.list(resource, selection, this.#keep);
    for (const change of this.cache.replace(items, resourceVersion)) changed(change);
    return resourceVersion;
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { client, resource, selection, clock, random, watchSeconds } = this.#options;
    const startedMs = clock.now().getTime();
    const over = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, over.signal]);
    const seconds = Math.round(watchSeconds * (1 + random()));
    const silence = new Silence(this.#options, over);
    try {
      for await (const event of client.watch(resource, selection, { resourceVersion, seconds }, signal)) {
        silence.broken();
        this.#failures = 0;
        this.#take(event);
      }
    } finally {
      silence.end();
    }
    if (!signal.aborted && clock.now().getTime() - startedMs < SHORT_WATCH_MS) throw new ShortWatch();
  }

  #take(event: WatchEvent<T>): void {
    if (event.type === 'BOOKMARK') {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
    this.#tell(event.type === 'DELETED' ? this.cache.remove(event.object) : this.cache.set(this.#keep(event.object)));
  }

  #tell(change: Change<T> | undefined): void {
    if (change !== undefined) this.#options.changed(change);
  }

  async #recover(error: unknown): Promise<void> {
    const { backoff, random, clock, log, resource } = this.#options;
    if (isGone(error)) this.#resourceVersion = undefined;
    this.#failures += 1;
    // The first is an ordinary event: the server restarted, a load balancer closed, the past was compacted.
    const level = this.#failures === 1 ? 'debug' : 'warn';
    const ms = Math.max(pauseMs(backoff, this.#failures, random()), retryAfterMs(error));
    log[level]({ err: error, kind: resource.kind, failures: this.#failures, pauseMs: ms }, 'watch interrupted');
    await clock.sleep(ms, this.#stopped.signal);
  }
}

/** Of a Task they are a third, and nobody here reads them. */
function withoutFieldOwners<T extends KubeObject>(object: T): T {
  const { managedFields: _, ...metadata } = object.metadata as KubeObject['metadata'] & { managedFields?: unknown };
  return { ...object, metadata };
}

/** Only to be told in the log. */
class ShortWatch extends Error {
  constructor() {
    super('the server ended the watch at once');
  }
}

const retryAfterMs = (error: unknown): number =>
  error instanceof KubeApiError ? (error.failure.retryAfterSeconds ?? 0) * 1000 : 0;

/** So many parts of the allowed silence are listened to one by one: it is noticed at most one part late. */
const PARTS_OF_SILENCE = 5;

/** Ends a watch on which nothing comes. However many events break the silence, it has but one timer. */
class Silence {
  readonly #over: AbortController;
  readonly #ended = new AbortController();
  #isBroken = false;

  constructor({ clock, silenceMs }: { readonly clock: Clock; readonly silenceMs: number }, over: AbortController) {
    this.#over = over;
    void this.#listen(clock, silenceMs);
  }

  broken(): void {
    this.#isBroken = true;
  }

  end(): void {
    this.#ended.abort();
  }

  /** Not by the time of day, which may be set meanwhile. */
  async #listen(clock: Clock, silenceMs: number): Promise<void> {
    const { signal } = this.#ended;
    for (let silent = 0; silent < PARTS_OF_SILENCE; silent++) {
      await clock.sleep(silenceMs / PARTS_OF_SILENCE, signal);
      if (signal.aborted) return;
      if (this.#isBroken) silent = -1;
      this.#isBroken = false;
    }
    this.#over.abort(new Error(`nothing came for ${silenceMs / 1000} s`));
  }
}
