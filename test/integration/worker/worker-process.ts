// The worker as it runs: its own process, the real adapters, a controller behind gRPC.

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sharedToken } from '#platform/link/authenticate.ts';
import type { SynchronizeRequest } from '#platform/link/controller-link.ts';
import { serveController } from '#platform/link/grpc-controller-server.ts';

const main = fileURLToPath(new URL('../../../services/worker/main.ts', import.meta.url));
const TOKEN = 'token of a test';

export interface WorkerFolders {
  readonly objects: string;
  /** Address of the message bus. */
  readonly bus: string;
  readonly scratch: string;
}

/** What the process logs, one object a line. */
export interface LoggedLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface EndedWorker {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly log: readonly LoggedLine[];
  /** What it told the controller. */
  readonly requests: readonly SynchronizeRequest[];
}

/** Does something to the process as soon as it logs a line. */
export type OnLine = (line: LoggedLine, child: ChildProcess) => void;

/** Runs one attempt in a process of its own to its end. */
export async function runWorker(
  { objects, bus, scratch }: WorkerFolders,
  step: string,
  attempt: number,
  onLine: OnLine = () => {},
): Promise<EndedWorker> {
  const requests: SynchronizeRequest[] = [];
  await using controller = await serveController({
    address: '127.0.0.1:0',
    authenticate: sharedToken(TOKEN),
    tls: null,
    async synchronize(request) {
      requests.push(request);
      return { instruction: 'go-on', leaseSeconds: 300, intervalSeconds: 1, credentials: null };
    },
  });
  const env = {
    PATH: process.env.PATH,
    STEP: step,
    ATTEMPT: String(attempt),
    CONTROLLER_ADDRESS: controller.address,
    CONTROLLER_TOKEN: TOKEN,
    OBJECTS: pathToFileURL(objects).href,
    BUS: bus,
    SCRATCH: scratch,
  };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'pipe', 'ipc'] });
  const log = readLog(child, onLine);
  const ended = await new Promise<Pick<EndedWorker, 'exitCode' | 'signal'>>((resolve) => {
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  return { ...ended, log: await log, requests };
}

async function readLog(child: ChildProcess, onLine: OnLine): Promise<LoggedLine[]> {
  const lines: LoggedLine[] = [];
  if (child.stderr === null) return lines;
  for await (const text of createInterface(child.stderr)) {
    // What is no JSON is Node's own: a warning, or the stack of a crash.
    const line: LoggedLine = text.startsWith('{') ? JSON.parse(text) : { msg: text };
    lines.push(line);
    onLine(line, child);
  }
  return lines;
}
