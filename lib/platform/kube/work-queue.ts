import type { Clock } from '../clock/clock.ts';
import { type Backoff, pauseMs } from './backoff.ts';

export interface WorkQueueOptions {
  /**
   * Does what there is to do about a key, once for however many times it was added. A rejection brings it back after a
   * pause that grows with each in a row.
   *
   * @param signal aborts when the queue stops.
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
  /** Hears of each rejection, and how long the key pauses. */
  readonly failed: (key: string, error: unknown, failures: number, pauseMs: number) => void;
  /** How many keys may be worked on at once; never one key twice. */
  readonly workers: number;
  readonly backoff: Backoff;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
}

/**
 * Keys that something is to be done about, each at most once in the queue and at most once in work.
 *
 * A key that is added while it is worked on comes again afterwards, so that no change is missed; keys come in the order
 * in which they were added.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  readonly #waiting = new Set<string>();
  readonly #working = new Map<string, Promise<void>>();
  /** Keys in work that were added meanwhile. */
  readonly #again = new Set<string>();
  readonly #failures = new Map<string, number>();
  /** The earliest time at which each delayed key comes. */
  readonly #due = new Map<string, { readonly atMs: number; readonly cancel: AbortController }>();
  readonly #stopped = new AbortController();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Neither waiting, nor in work, nor delayed. */
  get idle(): boolean {
    return this.#waiting.size + this.#working.size + this.#due.size === 0;
  }

  add(key: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#undelay(key);
    if (this.#working.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#next();
  }

  /** Adds the key later. Of several such wishes the earliest counts; `add` overtakes them. */
  addAfter(key: string, ms: number): void {
    if (this.#stopped.signal.aborted) return;
    const atMs = this.#options.clock.now().getTime() + ms;
    const standing = this.#due.get(key);
    if (standing !== undefined && standing.atMs <= atMs) return;
    this.#undelay(key);
    const cancel = new AbortController();
    this.#due.set(key, { atMs, cancel });
    void this.#options.clock.sleep(ms, cancel.signal).then(() => {
      if (!cancel.signal.aborted) this.add(key);
    });
  }

  /** Takes no more keys and tells the work in hand to end. @returns when it has. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#waiting.clear();
    this.#again.clear();
    for (const key of [...this.#due.keys()]) this.#undelay(key);
    await Promise.all(this.#working.values());
  }

  #next(): void {
    for (const key of this.#waiting) {
      if (this.#working.size >= this.#options.workers) return;
      this.#waiting.delete(key);
      // Not before the key is known to be in work: the work may add it again.
      this.#working.set(
        key,
        Promise.resolve().then(() => this.#workOn(key)),
      );
    }
  }

  async #workOn(key: string): Promise<void> {
    try {
      await this.#options.work(key, this.#stopped.signal);
      this.#failures.delete(key);
    } catch (error) {
      this.#pause(key, error);
    }
    this.#working.delete(key);
    if (this.#again.delete(key)) this.#waiting.add(key);
    this.#next();
  }

  #pause(key: string, error: unknown): void {
    const { backoff, random, failed } = this.#options;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const ms = pauseMs(backoff, failures, random());
    failed(key, error, failures, ms);
    // What was added meanwhile was a change, but a key that fails must not be hammered because of it.
    this.#again.delete(key);
    this.addAfter(key, ms);
  }

  #undelay(key: string): void {
    this.#due.get(key)?.cancel.abort();
    this.#due.delete(key);
  }
}
