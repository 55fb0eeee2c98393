import type { Instruction, Progress, SynchronizeRequest, SynchronizeResponse } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { StepFailure } from '#steps/step-failure.ts';

export interface SynchronizerOptions {
  /** Version of this controller; a worker's may be one minor version away, as during an upgrade. */
  readonly version: string;
  readonly leaseSeconds: number;
  readonly intervalSeconds: number;
  /** What is to become of the attempts at a step, as last observed. */
  readonly wishFor: (step: string) => Instruction;
  /** Called for a worker that may not go on: its attempt counts as failed, so that it is not started for ever. */
  readonly refuse: (step: string, attempt: number, failure: StepFailure) => Promise<void>;
  readonly log: Logger;
}

/** Answers the workers' one question, and remembers what they said of their progress. */
export class Synchronizer {
  readonly #options: SynchronizerOptions;
  readonly #progress = new Map<string, Progress>();

  constructor(options: SynchronizerOptions) {
    this.#options = options;
  }

  /** What an attempt last said; lost when the controller ends, and said again soon. */
  progressOf(step: string, attempt: number): Progress | null {
    return this.#progress.get(`${step}/${attempt}`) ?? null;
  }

  async answer({ step, attempt, workerVersion, progress }: SynchronizeRequest): Promise<SynchronizeResponse> {
    const { leaseSeconds, intervalSeconds, version, refuse, wishFor } = this.#options;
    if (!understandEachOther(workerVersion, version)) {
      this.#options.log.error({ step, attempt, workerVersion, version }, 'worker of another version stopped');
      await refuse(step, attempt, otherVersion(workerVersion, version));
      return { instruction: 'stop', leaseSeconds, intervalSeconds };
    }
    this.#progress.set(`${step}/${attempt}`, progress);
    return { instruction: wishFor(step), leaseSeconds, intervalSeconds };
  }
}

const otherVersion = (worker: string, controller: string): StepFailure => ({
  code: 'WORKER_VERSION_MISMATCH',
  message: `the worker has version ${worker}, the controller ${controller}; start workers of the controller's version`,
});

/** What a step's outputs are is not for the program's version to say: its identity holds the algorithm's. */
function understandEachOther(worker: string, controller: string): boolean {
  const [theirs, ours] = [worker, controller].map((version) => version.split('.').map(Number));
  return theirs?.[0] === ours?.[0] && Math.abs((theirs?.[1] ?? Number.NaN) - (ours?.[1] ?? Number.NaN)) <= 1;
}
