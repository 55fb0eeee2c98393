import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { systemErrorCode } from '#files/system-error-code.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import { ChangeSignal } from '../change-signal.ts';
import { isLive } from './is-live.ts';
import type { AttemptState, ObservedAttempt, StepAttempt, StepRunner } from './step-runner.ts';

/** How many children, which, and where they log. */
export interface ChildProcessRunnerOptions {
  /** Most children at once; further attempts wait in the order of their start. */
  readonly parallel: number;
  /** What runs an attempt. `env` is the whole environment of the child. */
  readonly command: (attempt: StepAttempt) => ChildCommand;
  /** Each attempt's standard output and error go to a file here; see `attemptLogFile`. */
  readonly logDirectory: string;
}

/** What a child process executes. */
export interface ChildCommand {
  /** Program, then its arguments. */
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Entry {
  readonly attempt: StepAttempt;
  state: AttemptState;
  child: ChildProcess | undefined;
  /** SIGTERM was sent: once is enough, however often the controller says it. */
  asked: boolean;
}

/**
 * Runs attempts as child processes of this one.
 *
 * Each child has a process group of its own, so that Ctrl-C in the terminal reaches only this process, which then asks its
 * children to end; and an IPC channel, by whose end a child notices that this process died.
 */
export class ChildProcessRunner implements StepRunner {
  readonly #options: ChildProcessRunnerOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #change = new ChangeSignal();
  #disposed = false;

  constructor(options: ChildProcessRunnerOptions) {
    this.#options = options;
  }

  async start(attempt: StepAttempt): Promise<void> {
    const key = keyOf(attempt);
    if (this.#disposed) throw new Error('the runner was disposed of');
    if (this.#entries.has(key)) return;
    this.#entries.set(key, { attempt, state: { kind: 'pending', waitsFor: null }, child: undefined, asked: false });
    this.#change.note();
    this.#startWaiting();
  }

  async list(): Promise<ObservedAttempt[]> {
    return [...this.#entries.values()].map(({ attempt, state }) => ({
      step: attempt.step,
      attempt: attempt.attempt,
      state,
    }));
  }

  async listOf(step: string): Promise<ObservedAttempt[]> {
    return (await this.list()).filter((attempt) => attempt.step === step);
  }

  async mayStillWrite(step: string): Promise<boolean> {
    return (await this.listOf(step)).some(({ state }) => isLive(state));
  }

  async stop(attempt: { readonly step: string; readonly attempt: number }, how: 'checkpoint' | 'now'): Promise<void> {
    const entry = this.#entries.get(keyOf(attempt));
    if (entry === undefined) return;
    // It never began, so there is nothing to lose: as if it had yielded.
    if (entry.state.kind === 'pending') {
      this.#setState(entry, endedWith(how === 'now' ? null : EXIT_CODES.yielded));
    }
    if (entry.state.kind !== 'running' || entry.child === undefined) return;
    if (how === 'now') killGroup(entry.child);
    else if (!entry.asked) entry.asked = entry.child.kill('SIGTERM');
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  /** Kills what is left and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const running = [...this.#entries.values()].filter(({ state }) => isLive(state));
    await Promise.all(
      running.map(async ({ attempt, child }) => {
        const ended = child === undefined ? undefined : exitOf(child);
        await this.stop(attempt, 'now');
        await ended;
      }),
    );
  }

  #startWaiting(): void {
    const entries = [...this.#entries.values()];
    let free = this.#options.parallel - entries.filter(({ state }) => state.kind === 'running').length;
    for (const entry of entries) {
      if (free <= 0) return;
      if (entry.state.kind !== 'pending') continue;
      this.#spawn(entry);
      free--;
    }
  }

  #spawn(entry: Entry): void {
    const { argv, env } = this.#options.command(entry.attempt);
    mkdirSync(this.#options.logDirectory, { recursive: true });
    const log = openSync(attemptLogFile(this.#options.logDirectory, entry.attempt), 'a');
    const child = spawn(argv[0], argv.slice(1), { env, detached: true, stdio: ['ignore', log, log, 'ipc'] });
    child.once('error', (error) => {
      // The program could not be started at all; a child that did start says `exit`.
      if (child.pid === undefined) writeSync(log, `${argv[0]} could not be started: ${error.message}\n`);
    });
    void exitOf(child).then((exitCode) => {
      closeSync(log);
      this.#setState(entry, endedWith(exitCode));
      if (!this.#disposed) this.#startWaiting();
    });
    entry.child = child;
    this.#setState(entry, { kind: 'running' });
  }

  #setState(entry: Entry, state: AttemptState): void {
    entry.state = state;
    this.#change.note();
  }
}

/** Where the output of an attempt goes, below a runner's `logDirectory`. */
export const attemptLogFile = (
  logDirectory: string,
  { step, attempt }: Pick<StepAttempt, 'step' | 'attempt'>,
): string => join(logDirectory, `${step.slice(0, 12)}.${attempt}.log`);

const keyOf = ({ step, attempt }: { readonly step: string; readonly attempt: number }): string => `${step}/${attempt}`;

/** What killed a child, the operating system does not tell. */
const endedWith = (exitCode: number | null): AttemptState =>
  exitCode === null ? { kind: 'killed', by: 'unknown' } : { kind: 'ended', exitCode };

/** `null` when it was killed by a signal or could not be started. */
function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => {
      if (child.pid === undefined) resolve(null);
    });
  });
}

/** The child and whatever it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the child ended by itself in this moment, and its `exit` event is on the way.
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}
