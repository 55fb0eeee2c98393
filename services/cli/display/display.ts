import type { TaskSnapshot } from '../../controller/service.ts';
import type { EpochBoard } from './epoch-board.ts';
import { LiveTable, type Terminal } from './live-table.ts';
import { ProgressLines } from './progress-lines.ts';
import { rowsOf } from './rows.ts';
import { inWords, TimeLeft } from './time-left.ts';

/** Shows how a Task goes on. */
export interface Display {
  show(snapshot: TaskSnapshot, now: Date): void;
  /** A sentence between. */
  say(text: string): void;
}

/** A table drawn in place on a terminal, lines elsewhere. */
export function openDisplay(out: Terminal & { readonly isTTY?: boolean }, epochs: EpochBoard): Display {
  return out.isTTY === true ? tableDisplay(out, epochs) : lineDisplay(out, epochs);
}

function tableDisplay(out: Terminal, epochs: EpochBoard): Display {
  const table = new LiveTable(out);
  const timeLeft = new TimeLeft();
  return {
    show(snapshot, now) {
      const { task, verdict, doneShare } = snapshot;
      const left = inWords(timeLeft.of('task', doneShare, now));
      const forecast = left === '-' || verdict !== 'working' ? '' : `  about ${left} left`;
      const headline = `${task.metadata.name}  ${task.status?.progress ?? '0%'}${forecast}`;
      table.draw(headline, rowsOf(snapshot, epochs, timeLeft, now));
    },
    say(text) {
      out.write(`${text}\n`);
      table.leave();
    },
  };
}

function lineDisplay(out: Terminal, epochs: EpochBoard): Display {
  const lines = new ProgressLines();
  const timeLeft = new TimeLeft();
  return {
    show(snapshot, now) {
      const rows = rowsOf(snapshot, epochs, timeLeft, now);
      for (const line of lines.lines(rows, snapshot.task.status?.progress ?? '0%', now)) out.write(`${line}\n`);
    },
    say(text) {
      out.write(`${text}\n`);
    },
  };
}
