/** Work done at a moment. */
interface Mark {
  readonly at: Date;
  readonly done: number;
}

/** Work that must be seen done before its rate says anything. */
const LEAST_DONE = 0.01;

/** How long things run, and how long they take yet, from how fast they went while we watched. */
export class Stopwatch {
  readonly #began = new Map<string, Date>();
  readonly #watched = new Map<string, { readonly first: Mark; readonly last: number }>();

  /** @returns milliseconds since this was first asked of the key. */
  elapsed(key: string, now: Date): number {
    const began = this.#began.get(key) ?? now;
    this.#began.set(key, began);
    return now.getTime() - began.getTime();
  }

  /**
   * Work done before the first call is no measure, nor is any before a share that fell: the forecast changed.
   *
   * @param share done, in [0, 1].
   * @returns milliseconds, or `null` while nothing can be said.
   */
  left(key: string, share: number, now: Date): number | null {
    const watched = this.#watched.get(key);
    const first = watched === undefined || share < watched.last ? { at: now, done: share } : watched.first;
    this.#watched.set(key, { first, last: share });
    const gained = share - first.done;
    if (gained < LEAST_DONE) return null;
    return ((now.getTime() - first.at.getTime()) / gained) * (1 - share);
  }
}

/** `8s`, `2m 05s`, `3h 20m`; `-` for `null`. */
export function inWords(ms: number | null): string {
  if (ms === null) return '-';
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  const twoDigits = (n: number) => String(n).padStart(2, '0');
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}
