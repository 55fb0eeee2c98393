/** Time as a port, so that leases, checkpoints by time and retries can be tested without waiting. */
export interface Clock {
  now(): Date;
  /** For how long something lasts: milliseconds since some moment, by a clock that is never set. */
  monotonicMs(): number;
  /** Resolves after `ms` milliseconds, or at once when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
