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

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The configuration from environment variables. Defaults: ONLY_TASK none, ONLY_STEPS none (keys
 * or beginnings of keys as in `Goal`, separated by commas), RETRY_FAILED false, LISTEN_ADDRESS 127.0.0.1:0,
 * SYNCHRONIZE_INTERVAL_SECONDS 15, LEASE_SECONDS 300, RESYNC_SECONDS 10, TASKS_AT_ONCE 8, FAILURES_IN_A_ROW unlimited, FAILURES_PER_STEP 3,
 * LOSSES_PER_STEP 10, FIRST_PAUSE_SECONDS 5, LONGEST_PAUSE_SECONDS 300.
 *
 * @throws {RangeError} naming every variable that is wrong, one a line.
 */
export function loadConfig(env: Environment): Config {
  const problems: string[] = [];
  const wholeNumber = (name: string, otherwise: number): number => {
    const text = env[name] ?? String(otherwise);
    if (!/^[1-9]\d{0,8}$/.test(text)) problems.push(`${name} must be a whole number of at least 1, got '${text}'`);
    return Number(text);
  };
  const listenAddress = env.LISTEN_ADDRESS ?? '127.0.0.1:0';
  if (!/^[^\s/]+:\d+$/.test(listenAddress)) {
    problems.push(`LISTEN_ADDRESS must be host:port, got '${listenAddress}'`);
  }
  const retryFailed = env.RETRY_FAILED ?? 'false';
  if (!['true', 'false'].includes(retryFailed))
    problems.push(`RETRY_FAILED must be true or false, got '${retryFailed}'`);
  const config: Config = {
    onlyTask: env.ONLY_TASK ?? null,
    onlySteps: env.ONLY_STEPS?.split(',') ?? null,
    retryFailed: retryFailed === 'true',
    listenAddress,
    synchronizeIntervalSeconds: wholeNumber('SYNCHRONIZE_INTERVAL_SECONDS', 15),
    leaseSeconds: wholeNumber('LEASE_SECONDS', 300),
    resyncSeconds: wholeNumber('RESYNC_SECONDS', 10),
    tasksAtOnce: wholeNumber('TASKS_AT_ONCE', 8),
    failuresInARow: env.FAILURES_IN_A_ROW === undefined ? null : wholeNumber('FAILURES_IN_A_ROW', 1),
    limits: Object.freeze({
      failuresPerStep: wholeNumber('FAILURES_PER_STEP', 3),
      lossesPerStep: wholeNumber('LOSSES_PER_STEP', 10),
      firstPauseMs: 1000 * wholeNumber('FIRST_PAUSE_SECONDS', 5),
      longestPauseMs: 1000 * wholeNumber('LONGEST_PAUSE_SECONDS', 300),
    }),
  };
  if (problems.length > 0) throw new RangeError(`bad configuration:\n${problems.map((p) => `  ${p}`).join('\n')}`);
  return Object.freeze(config);
}
