import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What a test may do to a server, whose data and ports stay the same all along. */
export interface Server extends AsyncDisposable {
  /** Ends it as a power cut would (SIGKILL); it is gone on return. */
  kill(): Promise<void>;
  /** Starts it anew, after killing it if it still runs; it answers on return. */
  restart(): Promise<void>;
}

export interface ServerProcess extends Server {
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** Where it writes what it has to say, over all its starts. */
  readonly logFile: string;
}

export interface Launch {
  /** The program's path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Whether it answers as it should; asked until it says yes. Throwing is a no. */
  readonly answers: () => Promise<boolean>;
}

/** Generous, so that a busy machine fails no test: what died is noticed at once. */
const START_MS = 120_000;
const LOOK_EVERY_MS = 20;
const LOG_LINES = 20;

/**
 * Starts a server and waits until it answers. It dies with this process, however that ends.
 *
 * @throws {Error} with the end of its log when it ends before it answers, or does not answer within two minutes.
 */
export async function startProcess(launch: Launch): Promise<ServerProcess> {
  let child = await launched(launch);
  const kill = async () => {
    child.kill('SIGKILL');
    await ended(child);
  };
  return {
    get pid() {
      return pidOf(child);
    },
    logFile: launch.logFile,
    kill,
    async restart() {
      await kill();
      child = await launched(launch);
    },
    [Symbol.asyncDispose]: kill,
  };
}

async function launched(launch: Launch): Promise<ChildProcess> {
  const log = openSync(launch.logFile, 'a');
  // setpriv becomes the program itself, after asking the kernel to end it when its parent, which is us, ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', launch.program, ...launch.args], {
    env: { PATH: process.env.PATH ?? '', ...launch.env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let failure: Error | null = null;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + START_MS;
  while (!(await launch.answers().catch(() => false))) {
    const reason = failure ?? obstacle(child, deadline);
    if (reason !== null) {
      child.kill('SIGKILL');
      await ended(child);
      throw new Error(`${basename(launch.program)} did not start: ${reason}; ${await endOf(launch.logFile)}`);
    }
    await setTimeout(LOOK_EVERY_MS);
  }
  // Another's server on the same port would answer too.
  if (hasEnded(child)) throw new Error(`${basename(launch.program)} ended at once; ${await endOf(launch.logFile)}`);
  return child;
}

function obstacle(child: ChildProcess, deadline: number): string | null {
  if (child.exitCode !== null) return `it ended with code ${child.exitCode}`;
  if (child.signalCode !== null) return `it was ended by ${child.signalCode}`;
  return Date.now() > deadline ? `it does not answer after ${START_MS / 1000} s` : null;
}

const hasEnded = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await new Promise((resolve) => child.once('exit', resolve));
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new TypeError('the process was never started');
  return pid;
}

async function endOf(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_LINES);
  return `the end of ${logFile}:\n${lines.join('\n')}`;
}
