import type { Clock } from '../clock/clock.ts';

/** Stores refuse what was signed a quarter of an hour away from their own time; as much as this is no matter of the network. */
const LARGEST_DIFFERENCE_MS = 5 * 60_000;

/**
 * The time by which requests to a store are signed: this machine's, until the store refuses it and says what its own is.
 *
 * So a wrong clock on one machine stops no work there, as with the AWS SDKs, which do the same.
 */
export class StoreTime {
  readonly #clock: Pick<Clock, 'now'>;
  #aheadMs = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  now(): Date {
    return new Date(this.#clock.now().getTime() + this.#aheadMs);
  }

  /**
   * Compares the time by which a request was signed with what the store said that the time is, and takes that over where
   * the two are far apart.
   *
   * @param said the header `date` of the answer. @returns by how many minutes they were apart, else `null`.
   */
  correct(signedAt: Date, said: string | null): number | null {
    const store = Date.parse(said ?? '');
    const differenceMs = store - signedAt.getTime();
    if (!(Math.abs(differenceMs) > LARGEST_DIFFERENCE_MS)) return null;
    this.#aheadMs = store - this.#clock.now().getTime();
    return Math.round(Math.abs(differenceMs) / 60_000);
  }
}
