import { type Fence, NotLeadingError } from './fence.ts';

/** Two ways to tell how much time has passed on this machine. */
export interface Stopwatch {
  /** The wall clock: it counts while the machine sleeps, but may be set. */
  readonly now: () => Date;
  /** Never goes back and is never set, but may stand still while the machine sleeps. */
  readonly monotonicMs: () => number;
}

/**
 * The time during which this process leads.
 *
 * It ends `safetyMs` before the Lease does, counted from before the renewal was sent, by whichever of the two clocks ran
 * faster: a clock that was set forward ends it early, one that was set back or stood still does not prolong it.
 */
export class Term implements Fence {
  /** How often the Lease had changed hands when this term began. */
  readonly number: number;
  readonly #stopwatch: Stopwatch;
  readonly #ended = new AbortController();
  #renewed: Moment;
  readonly #grantedMs: number;

  constructor(number: number, stopwatch: Stopwatch, sent: Moment, grantedMs: number) {
    this.number = number;
    this.#stopwatch = stopwatch;
    this.#renewed = sent;
    this.#grantedMs = grantedMs;
  }

  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /** How long it still lasts; 0 once it is over. */
  get remainingMs(): number {
    if (this.#ended.signal.aborted) return 0;
    const now = moment(this.#stopwatch);
    const passed = Math.max(now.wallMs - this.#renewed.wallMs, now.monotonicMs - this.#renewed.monotonicMs);
    return Math.max(0, this.#grantedMs - passed);
  }

  check(): void {
    if (this.remainingMs > 0) return;
    this.end();
    throw new NotLeadingError();
  }

  /** @param sent when the renewal that succeeded was sent. */
  renewed(sent: Moment): void {
    this.#renewed = sent;
  }

  end(): void {
    this.#ended.abort(new NotLeadingError());
  }
}

/** One moment by both clocks. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

export const moment = ({ now, monotonicMs }: Stopwatch): Moment => ({
  wallMs: now().getTime(),
  monotonicMs: monotonicMs(),
});
