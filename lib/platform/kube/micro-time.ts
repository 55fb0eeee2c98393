/** As the API writes times to the microsecond, which it insists on: `2026-01-01T00:00:00.000000Z`. */
export const microTime = (time: Date): string => time.toISOString().replace(/Z$/, '000Z');
