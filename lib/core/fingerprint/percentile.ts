/**
 * A percentile with linear interpolation between order statistics, at position `percent / 100 * (count - 1)`.
 *
 * @param orderStatistic gives the k-th smallest value, k from 0 to `count - 1`.
 * @see numpy.percentile, method 'linear'
 */
export function percentileOf(orderStatistic: (k: number) => number, count: number, percent: number): number {
  const position = (percent / 100) * (count - 1);
  const below = Math.floor(position);
  const fraction = position - below;
  const low = orderStatistic(below);
  const high = orderStatistic(Math.min(below + 1, count - 1));
  // Counted from the nearer end, as NumPy does: at the upper end the other formula may miss `high` by a bit.
  return fraction < 0.5 ? low + (high - low) * fraction : high - (high - low) * (1 - fraction);
}

/** A percentile of a list. @throws {RangeError} for an empty one. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  if (values.length === 0) throw new RangeError('an empty list has no percentile');
  const sorted = Float64Array.from(values).sort();
  return percentileOf((k) => sorted[k] ?? Number.NaN, sorted.length, percent);
}

/** The middle value, or the mean of the two middle ones. @throws {RangeError} for an empty list. */
export const median = (values: readonly number[]): number => percentile(values, 50);
