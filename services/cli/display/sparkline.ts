const BARS = '▁▂▃▄▅▆▇█';

/** Which values are the lowest and the highest bar. */
export interface Scale {
  readonly low: number;
  readonly high: number;
}

/** From the lowest to the highest of all values; where there is none, any. */
export function scaleOf(values: readonly (number | null)[]): Scale {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? { low: 0, high: 1 } : { low: Math.min(...known), high: Math.max(...known) };
}

/**
 * A curve as a line of bars, at most `width` of them: each is the mean of as many values, `null` left out. A bar of nulls
 * alone is blank.
 */
export function sparkline(values: readonly (number | null)[], width: number, { low, high }: Scale): string {
  const bars = Math.min(width, values.length);
  return Array.from({ length: bars }, (_, i) => {
    const [from, to] = [i, i + 1].map((edge) => Math.floor((edge * values.length) / bars));
    const known = values.slice(from, to).filter((value) => value !== null);
    if (known.length === 0) return ' ';
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const share = high > low ? (mean - low) / (high - low) : 0;
    return BARS[Math.round(Math.min(1, Math.max(0, share)) * (BARS.length - 1))];
  }).join('');
}
