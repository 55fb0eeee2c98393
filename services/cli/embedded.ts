// All services on one machine: the only place that joins them with the adapters for it.

import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as z from 'zod';
import { loadEnvironment } from '#formats/environment.ts';
import { keptMessages, LocalBus } from '#platform/bus/local-bus.ts';
import type { BusMessage, MessageBus } from '#platform/bus/message-bus.ts';
import type { Clock } from '#platform/clock/clock.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import { sharedToken } from '#platform/link/authenticate.ts';
import { serveController } from '#platform/link/grpc-controller-server.ts';
import { pinoLogger } from '#platform/logging/pino-logger.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { productVersion } from '#platform/product-version.ts';
import { attemptLogFile, ChildProcessRunner } from '#platform/runner/child-process-runner.ts';
import type { StepAttempt } from '#platform/runner/step-runner.ts';
import { NO_DELETIONS } from '#platform/tasks/deletions.ts';
import { DirectoryTaskStore } from '#platform/tasks/directory-task-store.ts';
import { NO_EVENTS } from '#platform/tasks/task-events.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { logLevel } from '#steps/step-environment.ts';
import { StepStore } from '#steps/step-store.ts';
import { type Controller, configFrom, type Goal, start } from '../controller/service.ts';
import { clearScratch } from './clear-scratch.ts';
import { type Home, homeAt } from './home.ts';
import { lockHome } from './home-lock.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Which file each program of a step is. Tests put their own here. */
export type Programs = Readonly<Record<StepAttempt['program'], string>>;

const PROGRAMS: Programs = {
  worker: fileURLToPath(new URL('../worker/main.ts', import.meta.url)),
  ensemble: fileURLToPath(new URL('../ensemble/main.ts', import.meta.url)),
};

/** A home that this process holds: nobody else works on it until it is disposed of. */
export interface Embedded extends AsyncDisposable {
  readonly home: Home;
  readonly tasks: TaskStore;
  readonly steps: StepStore;
  readonly bus: MessageBus;
  readonly clock: Clock;
  /** Where the output of an attempt goes. */
  logFile(attempt: { readonly step: string; readonly attempt: number }): string;
  /** Starts the controller for one Task, or the part of it that `goal` asks for, with at most `parallel` workers at once. */
  startController(task: string, parallel: number, goal: Goal | null): Promise<Controller>;
}

/**
 * Opens a home, making it if it is not there.
 *
 * @param env of this process: workers inherit it, LOG_LEVEL is theirs and the controller's.
 * @throws {RangeError} for a LOG_LEVEL that is none.
 * @throws {HomeInUseError} while another process works on it.
 * @throws {HomeUnusableError} when nothing can be kept there.
 */
export async function openHome(folder: string, env: Environment, programs = PROGRAMS): Promise<Embedded> {
  const level = loadEnvironment(z.object({ LOG_LEVEL: logLevel }), env).LOG_LEVEL;
  const home = homeAt(folder);
  const lock = await lockHome(home.lock);
  await clearScratch(home.scratch);
  const objects = new DirectoryObjectStore(home.objects);
  const log = pinoLogger({ level, file: join(home.logs, 'controller.log') });
  const tasks = new DirectoryTaskStore({ home: home.root, clock: systemClock, newId: randomUUID, log });
  const token = randomBytes(32).toString('hex');
  const openRunner = (parallel: number, address: string) =>
    new ChildProcessRunner({
      parallel,
      logDirectory: home.logs,
      command: ({ program, step, attempt }) => ({
        argv: [process.execPath, programs[program]],
        env: {
          ...env,
          ...workerEnvironment(home, { address, token }),
          LOG_LEVEL: level,
          STEP: step,
          ATTEMPT: String(attempt),
        },
      }),
    });
  return {
    home,
    tasks,
    steps: new StepStore(objects),
    bus: new LocalBus({ directory: home.bus, clock: systemClock, pollMs: 500 }),
    clock: systemClock,
    logFile: (attempt) => attemptLogFile(home.logs, attempt),
    startController: (task, parallel, goal) =>
      start(controllerConfig(task, goal, env), {
        tasks,
        objects,
        datasets: (uri) => new DirectoryObjectStore(fileURLToPath(uri)),
        openRunner: (address) => openRunner(parallel, address),
        serve: (options) => serveController({ ...options, authenticate: sharedToken(token), tls: null }),
        deletions: NO_DELETIONS,
        events: NO_EVENTS,
        credentials: null,
        version: productVersion(),
        clock: systemClock,
        log: log.child({ service: 'controller' }),
      }),
    [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
  };
}

/** What the bus of a home keeps of one subject, oldest first. Needs no lock. */
export const messagesIn = (home: Home, subject: string): Promise<BusMessage[]> => keptMessages(home.bus, subject);

interface Door {
  readonly address: string;
  readonly token: string;
}

const workerEnvironment = (home: Home, door: Door): Record<string, string> => ({
  CONTROLLER_ADDRESS: door.address,
  CONTROLLER_TOKEN: door.token,
  OBJECTS: pathToFileURL(home.objects).href,
  BUS: pathToFileURL(home.bus).href,
  SCRATCH: home.scratch,
});

/** On one machine nothing is far away: a person watches, and asks again by running the command again. */
const controllerConfig = (task: string, goal: Goal | null, env: Environment) =>
  configFrom({
    SYNCHRONIZE_INTERVAL_SECONDS: '1',
    RESYNC_SECONDS: '1',
    FIRST_PAUSE_SECONDS: '1',
    FAILURES_IN_A_ROW: '5',
    ...env,
    ONLY_TASK: task,
    ONLY_STEPS: goal?.join(','),
    RETRY_FAILED: 'true',
    LISTEN_ADDRESS: '127.0.0.1:0',
  });
