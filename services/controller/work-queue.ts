// Which Task is looked at when. Level-based: what is remembered is that something may have changed, never what.

import type { Clock } from '#platform/clock/clock.ts';

export interface WorkQueueOptions {
  /** Keys worked on at once. */
  readonly parallel: number;
  /** Pause after a key's first failure; it doubles with each further one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** In [0, 1): spreads the pauses, so that what failed together is not tried again together. */
  readonly random: () => number;
  readonly clock: Clock;
  /** Works on a key. @returns when to work on it again without being told to; `null`: not before then. */
  readonly work: (key: string) => Promise<Date | null>;
  /** Told of what `work` threw; the key is tried again. @param failures in a row. */
  readonly failed: (key: string, error: unknown, failures: number) => void;
}

/**
 * Keys to be worked on.
 *
 * A key is worked on by one at a time; added meanwhile, it is worked on once more. After a failure it waits, whoever adds
 * it, so that one that always fails costs little.
 */
export class WorkQueue implements AsyncDisposable {
  readonly #options: WorkQueueOptions;
  /** Waiting for their turn, in the order in which they came. */
  readonly #ready = new Set<string>();
  readonly #working = new Map<string, Promise<void>>();
  /** By key: when it becomes ready by itself. */
  readonly #due = new Map<string, number>();
  /** By key that failed last time: how often in a row, and until when it waits. */
  readonly #failures = new Map<string, { readonly count: number; readonly untilMs: number }>();
  readonly #stopped = new AbortController();
  #alarm = new AbortController();

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is worked on or waits for its turn; what is only due later does not count. */
  async idle(): Promise<void> {
    while (this.#working.size > 0) await Promise.all(this.#working.values());
  }

  /** Has a key worked on as soon as there is room. */
  add(key: string): void {
    const waits = this.#failures.get(key)?.untilMs ?? 0;
    if (waits > this.#now()) this.#makeDue(key, waits);
    else this.#ready.add(key);
    this.#fill();
  }

  /** Starts nothing more and waits for what is worked on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    this.#alarm.abort();
    await Promise.all(this.#working.values());
  }

  /** By a clock that is never set: whoever waits an hour of a wrong clock would wait it of the right one too. */
  #now = (): number => this.#options.clock.monotonicMs();

  #fill(): void {
    for (const key of this.#ready) {
      if (this.#stopped.signal.aborted || this.#working.size >= this.#options.parallel) return;
      if (this.#working.has(key)) continue;
      this.#ready.delete(key);
      this.#due.delete(key);
      this.#working.set(key, this.#workOn(key));
    }
  }

  async #workOn(key: string): Promise<void> {
    const { work, failed } = this.#options;
    try {
      const next = await work(key);
      this.#failures.delete(key);
      if (next !== null) this.#makeDue(key, this.#now() + next.getTime() - this.#options.clock.now().getTime());
    } catch (error) {
      const count = (this.#failures.get(key)?.count ?? 0) + 1;
      const untilMs = this.#now() + this.#pauseMs(count);
      this.#failures.set(key, { count, untilMs });
      // Added meanwhile: it waits like the rest.
      this.#ready.delete(key);
      this.#makeDue(key, untilMs);
      failed(key, error, count);
    } finally {
      this.#working.delete(key);
      this.#fill();
    }
  }

  #pauseMs(failures: number): number {
    const { firstPauseMs, longestPauseMs, random } = this.#options;
    return Math.min(firstPauseMs * 2 ** (failures - 1), longestPauseMs) * (1 + random() / 2);
  }

  /** The earlier of two times stands. */
  #makeDue(key: string, atMs: number): void {
    this.#due.set(key, Math.min(atMs, this.#due.get(key) ?? Number.POSITIVE_INFINITY));
    this.#alarm.abort();
    this.#alarm = new AbortController();
    if (!this.#stopped.signal.aborted) void this.#ring(this.#alarm.signal);
  }

  /** Waits for the earliest that is due, then makes ready what is. */
  async #ring(signal: AbortSignal): Promise<void> {
    const earliest = Math.min(...this.#due.values());
    const { clock } = this.#options;
    if (earliest > this.#now()) await clock.sleep(earliest - this.#now(), signal);
    if (signal.aborted) return;
    const due = [...this.#due].filter(([, atMs]) => atMs <= this.#now()).map(([key]) => key);
    for (const key of due) {
      this.#due.delete(key);
      this.#ready.add(key);
    }
    this.#fill();
    const [next] = this.#due;
    if (next !== undefined) this.#makeDue(...next);
  }
}
