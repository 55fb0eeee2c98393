import type { TaskSnapshot } from '../../controller/service.ts';
import type { EpochBoard } from './epoch-board.ts';
import { LiveTable, type Terminal } from './live-table.ts';
import { type Overall, ProgressLines } from './progress-lines.ts';
import { rowsOf } from './rows.ts';
import { inWords, Stopwatch } from './stopwatch.ts';

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
  const stopwatch = new Stopwatch();
  return {
    show(snapshot, now) {
      const { percent, left } = overallOf(snapshot, stopwatch, now);
      const forecast = left === '-' ? '' : `  about ${left} left`;
      table.draw(`${snapshot.task.metadata.name}  ${percent}${forecast}`, rowsOf(snapshot, epochs, stopwatch, now));
    },
    say(text) {
      out.write(`${text}\n`);
      table.leave();
    },
  };
}

function lineDisplay(out: Terminal, epochs: EpochBoard): Display {
  const lines = new ProgressLines();
  const stopwatch = new Stopwatch();
  return {
    show(snapshot, now) {
      const rows = rowsOf(snapshot, epochs, stopwatch, now);
      for (const line of lines.lines(rows, overallOf(snapshot, stopwatch, now), now)) out.write(`${line}\n`);
    },
    say(text) {
      out.write(`${text}\n`);
    },
  };
}

function overallOf({ task, verdict, doneShare }: TaskSnapshot, stopwatch: Stopwatch, now: Date): Overall {
  const left = stopwatch.left('task', doneShare, now);
  return { percent: task.status?.progress ?? '0%', left: inWords(verdict === 'working' ? left : null) };
}
