import { LiveTable, type Terminal } from '../display/live-table.ts';
import { ProgressLines } from '../display/progress-lines.ts';
import { inWords } from '../display/stopwatch.ts';
import { curveLines } from './curve-lines.ts';
import { stateOf } from './standing.ts';
import { type TaskView, taskRows } from './task-rows.ts';
import { timeLeft } from './task-table.ts';

/** Shows how a Task of a cluster goes on. */
export interface WatchDisplay {
  show(view: TaskView, now: Date): void;
  /** A sentence between. */
  say(text: string): void;
}

/** A table with curves drawn in place on a terminal, a line per change elsewhere. */
export const openWatchDisplay = (out: Terminal & { readonly isTTY?: boolean }): WatchDisplay =>
  out.isTTY === true ? tableDisplay(out) : lineDisplay(out);

function tableDisplay(out: Terminal): WatchDisplay {
  const table = new LiveTable(out);
  return {
    show(view, now) {
      table.draw(headline(view, now), taskRows(view, now), (width, most) => curveLines(view.curves, width, most));
    },
    say(text) {
      out.write(`${text}\n`);
      table.leave();
    },
  };
}

function lineDisplay(out: Terminal): WatchDisplay {
  const lines = new ProgressLines();
  return {
    show(view, now) {
      const overall = { percent: view.task.status?.progress ?? '0%', left: inWords(timeLeft(view.task, now)) };
      for (const line of lines.lines(taskRows(view, now), overall, now)) out.write(`${line}\n`);
    },
    say(text) {
      out.write(`${text}\n`);
    },
  };
}

function headline({ task }: TaskView, now: Date): string {
  const left = timeLeft(task, now);
  const forecast = left === null ? '' : `  about ${inWords(left)} left`;
  return `${task.metadata.name}  ${stateOf(task)}  ${task.status?.progress ?? '0%'}${forecast}`;
}
