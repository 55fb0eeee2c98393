import type { Clock } from '../clock/clock.ts';

export interface RetryPolicy {
  /** Upper end of the first pause; it doubles with each further one. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** No new try begins later than this after the first one began. */
  readonly forMs: number;
  readonly isTransient: (error: unknown) => boolean;
  readonly clock: Clock;
  /** In [0, 1): a pause is a random part of its upper end, so that many who failed together do not come back together. */
  readonly random: () => number;
}

/**
 * What `attempt` gives, tried again while it fails for reasons that pass.
 *
 * @param attempt told how many tries failed before.
 * @throws what the last try threw.
 */
export async function withRetries<T>(policy: RetryPolicy, attempt: (failures: number) => Promise<T>): Promise<T> {
  const { clock, random, firstPauseMs, longestPauseMs, forMs, isTransient } = policy;
  const lastMs = clock.monotonicMs() + forMs;
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(failures);
    } catch (error) {
      const pauseMs = random() * Math.min(firstPauseMs * 2 ** failures, longestPauseMs);
      if (!isTransient(error) || clock.monotonicMs() + pauseMs > lastMs) throw error;
      await clock.sleep(pauseMs);
    }
  }
}
