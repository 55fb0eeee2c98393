import type { Row } from './rows.ts';

/** How long a step may go on changing without a line. */
const QUIET_MS = 3000;

/** How long nothing may be said while something runs. */
const HEARTBEAT_MS = 15_000;

/** How far the whole Task is. */
export interface Overall {
  /** `42%` */
  readonly percent: string;
  /** Time left in words, `-` where it is not known. */
  readonly left: string;
}

/**
 * One line per step that changed, for where nothing can be drawn over: changes of state at once, others now and then; and
 * a sign of life of all that runs where nothing changed for long.
 */
export class ProgressLines {
  readonly #said = new Map<string, { readonly state: Row['state']; readonly text: string; readonly at: Date }>();
  #lastLine: Date | undefined;

  /** @returns the lines to write now. */
  lines(rows: readonly Row[], overall: Overall, now: Date): string[] {
    const changes = rows.flatMap((row) => this.#change(row, now));
    const lines = changes.length > 0 ? changes : this.#heartbeat(rows, overall, now);
    if (lines.length > 0 || this.#lastLine === undefined) this.#lastLine = now;
    return lines.map((line) => `${overall.percent.padStart(4)}  ${line}`);
  }

  #change(row: Row, now: Date): string[] {
    const text = rowText(row);
    const said = this.#said.get(row.key);
    const changed = said?.text !== text;
    const due = said?.state !== row.state || now.getTime() - said.at.getTime() >= QUIET_MS;
    if (!changed || !due) return [];
    this.#said.set(row.key, { state: row.state, text, at: now });
    return [`${text}${leftText(row)}`];
  }

  #heartbeat(rows: readonly Row[], overall: Overall, now: Date): string[] {
    const running = rows.filter(({ state }) => state === 'running');
    const silent = now.getTime() - (this.#lastLine ?? now).getTime();
    if (running.length === 0 || silent < HEARTBEAT_MS) return [];
    const steps = running.map((row) => `${titleOf(row)} (${row.doing}, for ${row.elapsed})`);
    return [`at work${leftText(overall)}: ${steps.join(', ')}`];
  }
}

const titleOf = ({ step, fold }: Row): string => (fold === '' ? step : `${step} fold ${fold}`);

const leftText = ({ left }: { readonly left: string }): string =>
  left === '' || left === '-' ? '' : `, about ${left} left`;

/** Without the times: that they alone changed is no news. */
function rowText(row: Row): string {
  const { loss, pseudoDice, doing } = row;
  const facts = [
    doing,
    ...(loss === '' ? [] : [`loss ${loss}`]),
    ...(pseudoDice === '' ? [] : [`pseudo Dice ${pseudoDice}`]),
  ];
  return `${titleOf(row)}: ${facts.join(', ')}`;
}
