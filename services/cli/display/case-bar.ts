import type { Terminal } from './live-table.ts';
import { inWords, Stopwatch } from './stopwatch.ts';

/** Draws how far a command is with its cases. */
export interface CaseBar {
  /** @param place of the case that begins, from 1. */
  begin(caseId: string, place: number, cases: number): void;
  /** Takes the bar away, before other lines and at the end. */
  clear(): void;
}

const WIDTH = 24;

/** A bar drawn over itself on a terminal, nothing elsewhere. */
export function caseBar(out: Terminal & { readonly isTTY?: boolean }, now: () => Date): CaseBar {
  if (out.isTTY !== true) return { begin() {}, clear() {} };
  const stopwatch = new Stopwatch();
  return {
    begin(caseId, place, cases) {
      const share = (place - 1) / cases;
      const left = stopwatch.left('cases', share, now());
      const full = Math.floor(share * WIDTH);
      const forecast = left === null ? '' : `, about ${inWords(left)} left`;
      const line = `[${'='.repeat(full).padEnd(WIDTH)}] case ${place} of ${cases}: ${caseId}${forecast}`;
      // Some terminals say 0. A line that is broken could not be drawn over.
      out.write(`\r\x1b[K${line.slice(0, (out.columns || 80) - 1)}`);
    },
    clear() {
      out.write('\r\x1b[K');
    },
  };
}
