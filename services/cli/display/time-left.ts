/** Work done at a moment. */
interface Mark {
  readonly at: Date;
  readonly done: number;
}

/** Work that must be seen done before its rate says anything. */
const LEAST_DONE = 0.01;

/** How long something takes yet, from how fast it went while we watched. Work done before that is no measure. */
export class TimeLeft {
  readonly #first = new Map<string, Mark>();

  /**
   * @param share done, in [0, 1].
   * @returns milliseconds, or `null` while nothing can be said.
   */
  of(key: string, share: number, now: Date): number | null {
    const first = this.#first.get(key);
    if (first === undefined || share < first.done) {
      this.#first.set(key, { at: now, done: share });
      return null;
    }
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
