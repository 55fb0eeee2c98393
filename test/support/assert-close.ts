import { expect } from 'vitest';

/** How far two numbers may be apart: `atol` + `rtol` * |expected|. */
export interface Tolerance {
  readonly atol?: number;
  readonly rtol?: number;
}

/**
 * Checks that two lists of numbers have one length and agree, entry by entry, within a tolerance.
 *
 * A failure names the entry that is furthest off; NaN agrees with nothing.
 *
 * @param what of the numbers, for the message.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol = 0, rtol = 0 }: Tolerance,
  what = 'entry',
): void {
  expect(actual.length, `${what}: count`).toBe(expected.length);
  let worst = { excess: 0, at: -1 };
  for (let i = 0; i < expected.length; i++) {
    const excess =
      Math.abs((actual[i] ?? Number.NaN) - (expected[i] ?? 0)) - (atol + rtol * Math.abs(expected[i] ?? 0));
    if (!(excess <= worst.excess)) worst = { excess, at: i };
    if (Number.isNaN(excess)) break;
  }
  if (worst.at < 0) return;
  expect.fail(
    `${what} ${worst.at}: expected ${expected[worst.at]}, got ${actual[worst.at]} (atol ${atol}, rtol ${rtol})`,
  );
}
