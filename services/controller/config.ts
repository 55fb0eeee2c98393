import * as z from 'zod';
import { hostAndPort, loadEnvironment, wholeNumber, wholeNumberOr } from '#formats/environment.ts';
import type { Goal } from './decide/goal.ts';
import type { Limits } from './decide/limits.ts';

/** How the controller works; nothing here affects a result. */
export interface Config {
  /** The only Task to work on; `null`: all. */
  readonly onlyTask: string | null;
  /** The steps to work towards; `null`: all, and the Model. */
  readonly onlySteps: Goal | null;
  /** Whether Tasks that had failed before the start are tried again. */
  readonly retryFailed: boolean;
  /** Where workers reach it. Port 0: any free one. */
  readonly listenAddress: string;
  /** How often a worker reports. */
  readonly synchronizeIntervalSeconds: number;
  /** How long a worker may go on without an answer; it allows itself twice as long. */
  readonly leaseSeconds: number;
  /** How often to look without being told of a change. */
  readonly resyncSeconds: number;
  /** Most Tasks to look at at once. */
  readonly tasksAtOnce: number;
  /** Failed looks in a row after which the controller gives up and says why; `null`: it never does. */
  readonly failuresInARow: number | null;
  readonly limits: Limits;
}

const variables = z.object({
  ONLY_TASK: z.string().optional(),
  ONLY_STEPS: z.string().optional(),
  RETRY_FAILED: z.preprocess((given) => given || 'false', z.enum(['true', 'false'], 'must be true or false')),
  LISTEN_ADDRESS: z.preprocess((given) => given || '127.0.0.1:0', hostAndPort),
  SYNCHRONIZE_INTERVAL_SECONDS: wholeNumberOr(15),
  LEASE_SECONDS: wholeNumberOr(300),
  RESYNC_SECONDS: wholeNumberOr(10),
  TASKS_AT_ONCE: wholeNumberOr(8),
  FAILURES_IN_A_ROW: z.preprocess((given) => given || undefined, wholeNumber.transform(Number).optional()),
  FAILURES_PER_STEP: wholeNumberOr(3),
  LOSSES_PER_STEP: wholeNumberOr(10),
  FIRST_PAUSE_SECONDS: wholeNumberOr(5),
  LONGEST_PAUSE_SECONDS: wholeNumberOr(300),
});

/** The part of a program's environment that is about the controller's loop; a cluster's joins its own by `and`. */
export const loopEnvironment = variables.transform(
  (env): Config => ({
    onlyTask: env.ONLY_TASK || null,
    onlySteps: env.ONLY_STEPS ? env.ONLY_STEPS.split(',') : null,
    retryFailed: env.RETRY_FAILED === 'true',
    listenAddress: env.LISTEN_ADDRESS,
    synchronizeIntervalSeconds: env.SYNCHRONIZE_INTERVAL_SECONDS,
    leaseSeconds: env.LEASE_SECONDS,
    resyncSeconds: env.RESYNC_SECONDS,
    tasksAtOnce: env.TASKS_AT_ONCE,
    failuresInARow: env.FAILURES_IN_A_ROW ?? null,
    limits: Object.freeze({
      failuresPerStep: env.FAILURES_PER_STEP,
      lossesPerStep: env.LOSSES_PER_STEP,
      firstPauseMs: 1000 * env.FIRST_PAUSE_SECONDS,
      longestPauseMs: 1000 * env.LONGEST_PAUSE_SECONDS,
    }),
  }),
);

/**
 * The configuration from environment variables; an empty one counts as not set. Defaults: ONLY_TASK none, ONLY_STEPS
 * none (keys or beginnings of keys as in `Goal`, separated by commas), RETRY_FAILED false, LISTEN_ADDRESS 127.0.0.1:0,
 * SYNCHRONIZE_INTERVAL_SECONDS 15, LEASE_SECONDS 300, RESYNC_SECONDS 10, TASKS_AT_ONCE 8, FAILURES_IN_A_ROW unlimited,
 * FAILURES_PER_STEP 3, LOSSES_PER_STEP 10, FIRST_PAUSE_SECONDS 5, LONGEST_PAUSE_SECONDS 300.
 *
 * @throws {RangeError} naming every variable that is wrong, one a line.
 */
export const loadConfig = (env: Readonly<Record<string, string | undefined>>): Config =>
  Object.freeze(loadEnvironment(loopEnvironment, env));
