import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { MessageBus } from '#platform/bus/message-bus.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { TaskResource } from '#platform/tasks/custom-resources.ts';
import type { Cluster } from '../cluster.ts';
import { EpochBoard } from '../display/epoch-board.ts';
import { listenToMetrics } from '../display/listen-to-metrics.ts';
import type { Terminal } from '../display/live-table.ts';
import { TaskNotFoundError } from '../task-not-found-error.ts';
import { endText } from './end-text.ts';
import { findTask } from './find-task.ts';
import { spokenWarnings } from './spoken-warnings.ts';
import { standingOf } from './standing.ts';
import { openWatchDisplay, type WatchDisplay } from './watch-display.ts';

export interface WatchRequest {
  readonly task: string;
  /** Opens the bus that carries epochs; `null` where its address is not known. */
  readonly openBus: ((log: Logger) => MessageBus) | null;
  readonly terminal: Terminal & { readonly isTTY?: boolean };
  /** A person has seen enough. */
  readonly signal: AbortSignal;
}

const REDRAW_MS = 500;

/**
 * Shows a Task until nothing more happens to it by itself.
 *
 * @returns as `run` ends: 0 when it succeeded, 130 when the person went before, else 1.
 * @throws {TaskNotFoundError} when there is none, or no more.
 */
export async function watchTask(
  { task: name, openBus, terminal, signal }: WatchRequest,
  cluster: Cluster,
): Promise<number> {
  const { metadata } = await findTask(name, cluster);
  const display = openWatchDisplay(terminal);
  const log = spokenWarnings(display.say);
  const board = new EpochBoard();
  await using bus = openBus?.(log);
  await using _metrics = bus && listenToMetrics(bus, metadata.uid, board);
  if (bus === undefined) display.say(wayToTheBus(cluster));
  const last = await followed({ name, board, display, log, signal }, cluster);
  if (last === null) {
    display.say(`The Task goes on without being watched; bin/pentafold cancel ${name} stops it.`);
    return 130;
  }
  display.say(endText(last));
  return standingOf(last) === 'succeeded' ? 0 : 1;
}

const wayToTheBus = ({ address: { namespace } }: Cluster): string =>
  'No curves: the address of the bus is not known. From outside the cluster, in another terminal: ' +
  `kubectl -n ${namespace} port-forward service/NATS 4222:4222; then watch with --bus nats://127.0.0.1:4222`;

interface Following {
  readonly name: string;
  readonly board: EpochBoard;
  readonly display: WatchDisplay;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** @returns the Task at its end; `null` when the signal came before. */
async function followed(
  { name, board, display, log, signal }: Following,
  cluster: Cluster,
): Promise<TaskResource | null> {
  await using watched = cluster.watchTask(name, log);
  await Promise.race([watched.synced(), once(signal, 'abort')]);
  while (!signal.aborted) {
    const { task, attempts } = watched;
    if (task === undefined) throw new TaskNotFoundError(`Task ${name} was deleted while it was watched`);
    display.show({ task, attempts, curves: board.curves() }, new Date());
    if (standingOf(task) !== 'working') return task;
    await setTimeout(REDRAW_MS, undefined, { signal }).catch(() => {});
  }
  return null;
}
