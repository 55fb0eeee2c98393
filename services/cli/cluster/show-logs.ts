import { setTimeout } from 'node:timers/promises';
import { PentafoldError } from '#core/errors.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { Cluster } from '../cluster.ts';
import { attemptTitle, attemptWords } from './attempt-words.ts';
import { chosenAttempts, type LogChoice, nothingChosen } from './chosen-attempts.ts';
import { findTask } from './find-task.ts';
import { standingOf } from './standing.ts';

/** Where logs are printed. */
export interface LogOutput {
  readonly out: { write(text: string): unknown };
  /** For what is not said by a step. */
  readonly err: { write(text: string): unknown };
}

export interface LogRequest extends LogChoice {
  readonly task: string;
}

/** How often a follower looks for attempts that began. */
const LOOK_MS = 2000;

/**
 * What steps of a Task have written so far, one after the other, each line after the title of its step.
 *
 * @throws {LogNotFoundError} @throws {TaskNotFoundError}
 * @throws what reading a log throws, where none can be read; those that cannot beside others are only named.
 */
export async function showLogs(request: LogRequest, cluster: Cluster, output: LogOutput): Promise<void> {
  await findTask(request.task, cluster);
  const attempts = await listed(request.task, cluster);
  const chosen = chosenAttempts(attempts, request);
  if (chosen.length === 0) throw nothingChosen(request.task, attempts, request);
  const failures: unknown[] = [];
  for (const attempt of chosen) {
    const failure = await copied(attempt, cluster, output, false, new AbortController().signal);
    if (failure !== undefined) failures.push(failure);
  }
  if (failures.length === chosen.length) throw failures[0];
}

/** As `showLogs`, and goes on with what is written, also by attempts that begin later, until the Task ends. */
export async function followLogs(
  request: LogRequest,
  cluster: Cluster,
  output: LogOutput,
  signal: AbortSignal,
): Promise<void> {
  const followed = new Map<string, Promise<unknown>>();
  for (;;) {
    // Looked at first: what began before the Task ended is in the list that follows.
    const ended = standingOf(await findTask(request.task, cluster)) !== 'working';
    for (const attempt of chosenAttempts(await listed(request.task, cluster), request)) {
      const { pod } = attempt;
      if (pod === null || followed.has(pod) || attempt.state.kind === 'pending') continue;
      followed.set(pod, copied(attempt, cluster, output, true, signal));
    }
    if (ended || signal.aborted) break;
    await setTimeout(LOOK_MS, undefined, { signal }).catch(() => {});
  }
  await Promise.all(followed.values());
}

async function listed(task: string, { tasks }: Cluster): Promise<ShownAttempt[]> {
  const attempts = await tasks.attempts(task, new Date());
  if (attempts !== 'forbidden') return attempts;
  throw new NoRightToLogsError('you may not list jobs and pods in this namespace, by which logs are found');
}

/** Thrown when a person may not even see which attempts there are. */
export class NoRightToLogsError extends PentafoldError {
  readonly code = 'CLUSTER_REFUSED';
}

/** @returns why the log cannot be read, if it cannot. */
async function copied(
  attempt: ShownAttempt,
  { tasks }: Cluster,
  { out, err }: LogOutput,
  follow: boolean,
  signal: AbortSignal,
): Promise<unknown> {
  const title = attemptTitle(attempt);
  if (attempt.pod === null || attempt.state.kind === 'pending') {
    err.write(`${title}: no log yet, it ${attemptWords(attempt.state)}\n`);
    return undefined;
  }
  try {
    for await (const line of tasks.log(attempt.pod, follow, signal)) out.write(`${title} | ${line}\n`);
    return undefined;
  } catch (error) {
    if (!(error instanceof PentafoldError)) throw error;
    err.write(`${title}: its log cannot be read: ${error.message}\n`);
    return error;
  }
}
