// The controller: makes what is so what the Tasks want, step by step. Whatever it knows it can learn again, so that it
// may be killed at any moment.

import type { Clock } from '#platform/clock/clock.ts';
import type { SynchronizeRequest, SynchronizeResponse } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { StepStore } from '#steps/step-store.ts';
import { Actor } from './act.ts';
import { type Config, loadConfig } from './config.ts';
import { type Goal, needsTraining } from './decide/goal.ts';
import { Observer } from './observe.ts';
import { Reconciler } from './reconciler.ts';
import type { StepSnapshot, TaskSnapshot } from './snapshot.ts';
import { Synchronizer } from './synchronize.ts';

export type { Goal, StepSnapshot, TaskSnapshot };
export { needsTraining };

/** Where workers reach the controller. */
export interface ControllerDoor extends AsyncDisposable {
  /** `host:port` as bound. */
  readonly address: string;
}

export interface Adapters {
  readonly tasks: TaskStore;
  readonly objects: ObjectStore;
  /** The folder at a data set's URI. @throws {BadInputError} when there can be none: the Task then fails. */
  readonly datasets: (uri: string) => ObjectStore;
  /** Opens the runner, whose attempts are to be told the address and the token. */
  readonly openRunner: (door: { readonly address: string; readonly token: string }) => StepRunner;
  /** Opens the gRPC door; callers without the token are refused. */
  readonly serve: (options: {
    readonly address: string;
    readonly token: string;
    readonly synchronize: (request: SynchronizeRequest) => Promise<SynchronizeResponse>;
  }) => Promise<ControllerDoor>;
  readonly newToken: () => string;
  /** Of this program, major.minor.patch. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Controller extends AsyncDisposable {
  /** As of the last pass; `undefined` before the first one, or when there is no such Task. */
  snapshot(task: string): TaskSnapshot | undefined;
  /**
   * Asks every attempt to end and starts none: `checkpoint` lets them save what they have, `now` kills them.
   * @returns when nothing runs any more.
   */
  stop(how: 'checkpoint' | 'now'): Promise<void>;
  /** Resolves when the controller has stopped. Rejects when too many passes failed in a row, with the last reason. */
  readonly ended: Promise<void>;
}

/** The configuration that an environment describes. */
export const configFrom = loadConfig;

/** Starts the controller. @throws when its door cannot be opened. */
export async function start(config: Config, adapters: Adapters): Promise<Controller> {
  const { clock, log, tasks, objects, datasets, version } = adapters;
  const steps = new StepStore(objects);
  const token = adapters.newToken();
  let reconciler: Reconciler | undefined;
  const synchronizer = new Synchronizer({
    version,
    leaseSeconds: config.leaseSeconds,
    intervalSeconds: config.synchronizeIntervalSeconds,
    // A worker may ask before there is an answer.
    wishFor: (step) => reconciler?.wishFor(step) ?? 'go-on',
    refuse: (step, attempt, failure) => steps.attempt(step, attempt).fail(failure),
    log,
  });
  const synchronize = (request: SynchronizeRequest) => synchronizer.answer(request);
  const door = await adapters.serve({ address: config.listenAddress, token, synchronize });
  const runner = adapters.openRunner({ address: door.address, token });
  const actor = new Actor({ steps, tasks, runner, log });
  const progressOf = (step: string, attempt: number) => synchronizer.progressOf(step, attempt);
  const observer = new Observer({ tasks, objects, steps, datasets, progressOf }, needsTraining(config.onlySteps));
  reconciler = new Reconciler({ config, tasks, runner, observer, actor, clock, log });
  if (config.retryFailed) await reconciler.retryFailed();
  log.info({ address: door.address, version }, 'controller started');
  return new RunningController({ config, reconciler, runner, door, clock, log });
}

interface Running {
  readonly config: Config;
  readonly reconciler: Reconciler;
  readonly runner: StepRunner;
  readonly door: ControllerDoor;
  readonly clock: Clock;
  readonly log: Logger;
}

class RunningController implements Controller {
  readonly ended: Promise<void>;
  readonly #parts: Running;
  #stopped = new AbortController();

  constructor(parts: Running) {
    this.#parts = parts;
    this.ended = this.#run();
    // Whoever waits for `stop` hears of it there; nobody has to listen here as well.
    this.ended.catch(() => {});
  }

  snapshot(task: string): TaskSnapshot | undefined {
    return this.#parts.reconciler.snapshot(task);
  }

  async stop(how: 'checkpoint' | 'now'): Promise<void> {
    this.#parts.reconciler.drain(how);
    this.#stopped.abort();
    await this.ended;
  }

  /** Kills what still runs: `stop` first to let it end well. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('now').catch(() => {});
    await this.#parts.runner[Symbol.asyncDispose]();
    await this.#parts.door[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    const { config, reconciler, clock, log } = this.#parts;
    for (let failures = 0; ; ) {
      try {
        const next = await reconciler.pass();
        failures = 0;
        if (next === 'drained') return;
        if (next === 'wait') await this.#nextOccasion();
      } catch (err) {
        failures += 1;
        log.error({ err, failures }, 'pass failed');
        if (failures >= config.passesThatMayFail) throw err;
        await clock.sleep(1000 * 2 ** (failures - 1));
      }
    }
  }

  /** A change in the runner, a call of `stop` (also one during the last pass), or simply time. */
  async #nextOccasion(): Promise<void> {
    const { runner, clock, config } = this.#parts;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#stopped.signal, over.signal]);
    await Promise.race([runner.changed(signal), clock.sleep(config.resyncSeconds * 1000, signal)]);
    over.abort();
    if (this.#stopped.signal.aborted) this.#stopped = new AbortController();
  }
}
