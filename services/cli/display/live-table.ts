import { alignedLines } from './aligned.ts';
import type { Row } from './rows.ts';

const COLUMNS: readonly { readonly title: string; readonly of: (row: Row) => string; readonly right: boolean }[] = [
  { title: 'STEP', of: (row) => row.step, right: false },
  { title: 'FOLD', of: (row) => row.fold, right: true },
  { title: 'LOSS', of: (row) => row.loss, right: true },
  { title: 'PSEUDO DICE', of: (row) => row.pseudoDice, right: true },
  { title: 'TIME', of: (row) => row.elapsed, right: true },
  { title: 'TIME LEFT', of: (row) => row.left, right: true },
  { title: 'STATE', of: (row) => row.doing, right: false },
];

const RIGHT: ReadonlySet<number> = new Set(COLUMNS.flatMap(({ right }, i) => (right ? [i] : [])));

/** Lines of a table with aligned columns, none wider than `width`. */
export function tableLines(rows: readonly Row[], width: number): string[] {
  const cells = [COLUMNS.map(({ title }) => title), ...rows.map((row) => COLUMNS.map((column) => column.of(row)))];
  return alignedLines(cells, RIGHT).map((line) => line.slice(0, width));
}

/**
 * The rows that fit: what is under way before what is done, in their order. What is left out is counted in a last line.
 */
export function fitted(rows: readonly Row[], height: number): { readonly rows: readonly Row[]; readonly rest: number } {
  if (rows.length <= height) return { rows, rest: 0 };
  const important = [...rows].sort((a, b) => Number(a.state === 'done') - Number(b.state === 'done'));
  const kept = new Set(important.slice(0, Math.max(1, height - 1)));
  return { rows: rows.filter((row) => kept.has(row)), rest: rows.length - kept.size };
}

/** Where a table is drawn; `process.stdout` fits. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

const none = (): readonly string[] => [];

/** Draws over what it drew before. */
export class LiveTable {
  readonly #terminal: Terminal;
  #drawn = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** @param below makes lines to stand under the table, given how wide and how many they may be. */
  draw(headline: string, rows: readonly Row[], below: (width: number, most: number) => readonly string[] = none): void {
    // Some terminals say 0.
    const columns = this.#terminal.columns || 80;
    const height = this.#terminal.rows || 24;
    const under = below(columns, Math.max(0, Math.floor(height / 2)));
    const shown = fitted(rows, height - 4 - under.length);
    const rest = shown.rest === 0 ? [] : [`and ${shown.rest} that are done`];
    const lines = [headline.slice(0, columns), ...tableLines(shown.rows, columns), ...rest, ...under];
    // Up to the first line drawn before, then each line with its rest cleared, then whatever is below cleared.
    const up = this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A`;
    this.#terminal.write(`${up}${lines.map((line) => `\r${line}\x1b[K\n`).join('')}\x1b[J`);
    this.#drawn = lines.length;
  }

  /** What follows is written below, and the next drawing begins anew under it. */
  leave(): void {
    this.#drawn = 0;
  }
}
