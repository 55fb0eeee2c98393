import type { Clock } from '#platform/clock/clock.ts';
import type { Instruction, Progress, SynchronizeRequest, SynchronizeResponse } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { TemporaryCredentials } from '#platform/objects/handed-over-credentials.ts';
import type { StepFailure } from '#steps/step-failure.ts';

export interface SynchronizerOptions {
  /** Version of this controller; a worker's may be one minor version away, as during an upgrade. */
  readonly version: string;
  readonly leaseSeconds: number;
  readonly intervalSeconds: number;
  /** What is to become of an attempt at a step, as last observed. */
  readonly wishFor: (step: string, attempt: number) => Instruction;
  /** Called for a worker that may not go on: its attempt counts as failed, so that it is not started for ever. */
  readonly refuse: (step: string, attempt: number, failure: StepFailure) => Promise<void>;
  /** Credentials for the object store to hand to an attempt; `null` when it gets none now. */
  readonly credentialsFor: (step: string, attempt: number, heldSeconds: number) => Promise<TemporaryCredentials | null>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What an attempt said of its progress. */
export interface Report {
  readonly progress: Progress;
  /** Share of the step a second, since its first report; `null` while that says little. */
  readonly pace: number | null;
}

/** From when on it counts, and how far it was then. */
interface FirstReport {
  readonly progress: Progress;
  readonly atMs: number;
}

/** A pace that was measured for less says little. */
const SHORTEST_MEASURE_MS = 10_000;

/** Answers the workers' one question, and remembers what they said of their progress. */
export class Synchronizer {
  readonly #options: SynchronizerOptions;
  /** By step, by attempt. */
  readonly #reports = new Map<string, Map<number, { readonly first: FirstReport; readonly last: Report }>>();

  constructor(options: SynchronizerOptions) {
    this.#options = options;
  }

  /** What an attempt last said; lost when the controller ends, and said again soon. */
  reportOf(step: string, attempt: number): Report | null {
    return this.#reports.get(step)?.get(attempt)?.last ?? null;
  }

  /** Drops what was said of a step: nobody asks any more. */
  forget(step: string): void {
    this.#reports.delete(step);
  }

  async answer(request: SynchronizeRequest): Promise<SynchronizeResponse> {
    const { step, attempt, workerVersion, progress } = request;
    const { leaseSeconds, intervalSeconds, version, refuse, wishFor, credentialsFor } = this.#options;
    const until = { leaseSeconds, intervalSeconds };
    if (!understandEachOther(workerVersion, version)) {
      this.#options.log.error({ step, attempt, workerVersion, version }, 'worker of another version stopped');
      await refuse(step, attempt, otherVersion(workerVersion, version));
      return { instruction: 'stop', ...until, credentials: null };
    }
    this.#note(step, attempt, progress);
    const instruction = wishFor(step, attempt);
    // Who is to save something needs the store for that; who is to stop does not.
    const credentials = instruction === 'stop' ? null : await credentialsFor(step, attempt, request.credentialsSeconds);
    return { instruction, ...until, credentials };
  }

  #note(step: string, attempt: number, progress: Progress): void {
    const ofStep = this.#reports.get(step) ?? new Map();
    const atMs = this.#options.clock.monotonicMs();
    const known = ofStep.get(attempt)?.first;
    const goesOn = known?.progress.unitsTotal === progress.unitsTotal && known.progress.unitsDone <= progress.unitsDone;
    const first = goesOn ? known : { progress, atMs };
    this.#reports.set(step, ofStep.set(attempt, { first, last: { progress, pace: paceSince(first, progress, atMs) } }));
  }
}

function paceSince(first: FirstReport, { unitsDone, unitsTotal }: Progress, atMs: number): number | null {
  const units = unitsDone - first.progress.unitsDone;
  if (units <= 0 || atMs - first.atMs < SHORTEST_MEASURE_MS) return null;
  return (units / unitsTotal / (atMs - first.atMs)) * 1000;
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
