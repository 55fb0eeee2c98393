import type { Row } from './rows.ts';

/** How long a step may go on changing without a line. */
const QUIET_MS = 3000;

/** One line per step that changed, for where nothing can be drawn over: changes of state at once, others now and then. */
export class ProgressLines {
  readonly #said = new Map<string, { readonly state: Row['state']; readonly text: string; readonly at: Date }>();

  /** @returns the lines to write now; none when nothing changed. */
  lines(rows: readonly Row[], percent: string, now: Date): string[] {
    return rows.flatMap((row) => {
      const text = rowText(row);
      const said = this.#said.get(row.key);
      const changed = said?.text !== text;
      const due = said?.state !== row.state || now.getTime() - said.at.getTime() >= QUIET_MS;
      if (!changed || !due) return [];
      this.#said.set(row.key, { state: row.state, text, at: now });
      const left = row.left === '' || row.left === '-' ? '' : `, ${row.left} left`;
      return [`${percent.padStart(4)}  ${text}${left}`];
    });
  }
}

/** Without the time left: that alone is no news. */
function rowText({ step, fold, epoch, loss, dice, doing }: Row): string {
  const title = fold === '' ? step : `${step} fold ${fold}`;
  const facts = [
    doing,
    ...(epoch === '' ? [] : [`epoch ${epoch}`]),
    ...(loss === '' ? [] : [`loss ${loss}`]),
    ...(dice === '' ? [] : [`Dice ${dice}`]),
  ];
  return `${title}: ${facts.join(', ')}`;
}
