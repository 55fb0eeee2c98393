import type { StopRequest } from './step-context.ts';

/** The writing end of a {@link StopRequest}: only ever goes further. */
export class StopSwitch implements StopRequest {
  readonly #aborting = new AbortController();
  readonly #now = Promise.withResolvers<void>();
  #requested: StopRequest['requested'] = 'none';

  get requested(): StopRequest['requested'] {
    return this.#requested;
  }

  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  /** Resolves when `now` is requested. */
  get now(): Promise<void> {
    return this.#now.promise;
  }

  /** A weaker request than the standing one changes nothing. */
  request(how: 'checkpoint' | 'now'): void {
    if (this.#requested !== 'now') this.#requested = how;
    this.#aborting.abort();
    if (how === 'now') this.#now.resolve();
  }

  /** Requests `how` as soon as the signal aborts. */
  requestOn(signal: AbortSignal, how: 'checkpoint' | 'now'): void {
    if (signal.aborted) this.request(how);
    else signal.addEventListener('abort', () => this.request(how), { once: true });
  }
}
