/** How pauses grow from failure to failure. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * The pause after `failures` failures in a row: doubling from `firstMs` to `longestMs`, and of that a random part between
 * half and all, so that many who failed together do not come back together.
 *
 * @param failures at least 1.
 * @param random in [0, 1).
 */
export function pauseMs({ firstMs, longestMs }: Backoff, failures: number, random: number): number {
  // From 2^31 on every pause is the longest one.
  const whole = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 31));
  return Math.round(whole * (0.5 + random / 2));
}
