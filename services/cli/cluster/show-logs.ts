import { setTimeout } from 'node:timers/promises';
import { PentafoldError } from '#core/errors.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import type { Cluster } from '../cluster.ts';
import { attemptTitle, attemptWords } from './attempt-words.ts';
import { chosenAttempts, type LogChoice, nothingChosen } from './chosen-attempts.ts';
import { findTask } from './find-task.ts';
import { spokenWarnings } from './spoken-warnings.ts';
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

/**
 * As `showLogs`, and goes on with what is written, also by attempts that begin later, until the Task ends.
 *
 * Once it follows it outlives a cluster that gives no answer for a while.
 *
 * @throws {LogNotFoundError} when the Task ends and nothing that was asked for has begun.
 */
export async function followLogs(
  request: LogRequest,
  cluster: Cluster,
  output: LogOutput,
  signal: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const ending = AbortSignal.any([signal, broken.signal]);
  const followed = new Map<string, Promise<unknown>>();
  const say = (text: string): unknown => output.err.write(`${text}\n`);
  const log = spokenWarnings(say);
  let seen: Look | null = await look(request.task, cluster);
  if (!seen.ended && chosenAttempts(seen.attempts, request).length === 0)
    say(`${nothingChosen(request.task, seen.attempts, request).message}; looking until the Task ends`);
  for (;;) {
    for (const attempt of chosenAttempts(seen?.attempts ?? [], request)) {
      const { pod } = attempt;
      if (pod === null || followed.has(pod) || attempt.state.kind === 'pending') continue;
      const copy = copied(attempt, cluster, output, true, ending);
      // A fault of ours ends all of it at once, not when the Task ends.
      copy.catch(() => broken.abort());
      followed.set(pod, copy);
    }
    if (seen?.ended || ending.aborted) break;
    await setTimeout(LOOK_MS, undefined, { signal: ending }).catch(() => {});
    seen = await lookAgain(request.task, cluster, log);
  }
  await Promise.all(followed.values());
  if (seen?.ended && chosenAttempts(seen.attempts, request).length === 0)
    throw nothingChosen(request.task, seen.attempts, request);
}

/** A Task as a follower sees it. */
interface Look {
  readonly ended: boolean;
  readonly attempts: readonly ShownAttempt[];
}

async function look(task: string, cluster: Cluster): Promise<Look> {
  // The Task first: what began before it ended is in the list that follows.
  const ended = standingOf(await findTask(task, cluster)) !== 'working';
  return { ended, attempts: await listed(task, cluster) };
}

/** `null` when the cluster gives no answer for the moment. */
async function lookAgain(task: string, cluster: Cluster, log: Logger): Promise<Look | null> {
  try {
    return await look(task, cluster);
  } catch (error) {
    if (!cluster.mayPass(error)) throw error;
    log.warn({ err: cluster.explained(error) }, 'not looked at, and tried again');
    return null;
  }
}

async function listed(task: string, { tasks }: Cluster): Promise<ShownAttempt[]> {
  const attempts = await tasks.attempts(task, new Date());
  if (attempts !== 'forbidden') return attempts;
  throw new NoRightToLogsError(
    'you may not list jobs and pods in this namespace, by which logs are found; ' +
      'ask its administrator for the Role for people of docs/cluster.md',
  );
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
