/** For JSON that every parser reads: what is no number becomes `null`. */
export const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** For a table: as many decimals as asked for, or a dash. */
export const printed = (value: number, decimals = 4): string =>
  Number.isFinite(value) ? value.toFixed(decimals) : '-';
