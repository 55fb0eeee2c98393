import type { Task } from '#api/v1alpha1/kinds.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import type { Actor } from './act.ts';
import { changedSteps, changedTasks, type Look, NOTHING_SEEN } from './changes.ts';
import type { Config } from './config.ts';
import type { Controller, ControllerDoor } from './controller.ts';
import type { Departures } from './departures.ts';
import type { Reconciler } from './reconciler.ts';
import type { TaskSnapshot } from './snapshot.ts';
import { WorkQueue } from './work-queue.ts';

export interface LoopParts {
  readonly config: Config;
  readonly tasks: TaskStore;
  readonly reconciler: Reconciler;
  readonly departures: Departures;
  readonly actor: Actor;
  readonly runner: StepRunner;
  readonly door: ControllerDoor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Pause after a Task's first failed look; nothing that mends itself takes much longer. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** After a look so many times as long as it took: looks then take a tenth of the time at most, however much there is. */
const REST_PER_LOOK = 9;
const LONGEST_REST_MS = 2000;
/** Failed looks in a row after which a Task's status says so; before, it may pass by itself. */
const FAILURES_TO_TELL = 3;

/** Looks at all there is whenever something may have changed, and has each Task that did change reconciled. */
export class ControlLoop implements Controller {
  readonly ended: Promise<void>;
  readonly #parts: LoopParts;
  readonly #queue: WorkQueue;
  readonly #gaveUp = Promise.withResolvers<never>();
  #seen: Look = NOTHING_SEEN;
  #ending: 'by-itself' | 'draining' | 'leaving' = 'by-itself';
  #woken = new AbortController();

  constructor(parts: LoopParts) {
    this.#parts = parts;
    const { clock, config } = parts;
    this.#queue = new WorkQueue({
      parallel: config.tasksAtOnce,
      firstPauseMs: FIRST_PAUSE_MS,
      longestPauseMs: LONGEST_PAUSE_MS,
      random: Math.random,
      clock,
      work: (name) => parts.reconciler.reconcile(name),
      failed: (task, err, failures) => {
        this.#note('task could not be looked at', { task }, err, failures);
        if (failures >= FAILURES_TO_TELL) void this.#tellOfTrouble(task, err);
      },
    });
    this.#gaveUp.promise.catch(() => {});
    this.ended = this.#run();
    // Whoever waits for `stop` hears of it there; nobody has to listen here as well.
    this.ended.catch(() => {});
  }

  snapshot(task: string): TaskSnapshot | undefined {
    return this.#parts.reconciler.snapshot(task);
  }

  async stop(how: 'checkpoint' | 'now'): Promise<void> {
    this.#parts.reconciler.drain(how);
    await this.#end('draining');
  }

  leave(): Promise<void> {
    return this.#end('leaving');
  }

  /** Kills what still runs: `stop` or `leave` first to let it be. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending !== 'leaving') await this.stop('now').catch(() => {});
    await this.#parts.runner[Symbol.asyncDispose]();
    await this.#parts.door[Symbol.asyncDispose]();
  }

  async #end(how: 'draining' | 'leaving'): Promise<void> {
    this.#ending = how;
    this.#woken.abort();
    await this.ended;
  }

  async #run(): Promise<void> {
    await using queue = this.#queue;
    for (let failures = 0; this.#ending !== 'leaving'; ) {
      const begunMs = this.#nowMs();
      try {
        const somethingRuns = await this.#lookAround();
        failures = 0;
        if (this.#ending === 'draining' && !somethingRuns) return await queue.idle();
        await this.#rest(this.#nowMs() - begunMs);
      } catch (err) {
        this.#note('nothing could be looked at', {}, err, ++failures);
      }
      await Promise.race([this.#nextOccasion(failures), this.#gaveUp.promise]);
    }
  }

  #nowMs = (): number => this.#parts.clock.now().getTime();

  /** What changes meanwhile is looked at together. */
  async #rest(lookMs: number): Promise<void> {
    const ms = Math.min(REST_PER_LOOK * lookMs, LONGEST_REST_MS);
    if (ms > 0) await this.#parts.clock.sleep(ms, this.#woken.signal);
  }

  /** Puts the Tasks that changed into the queue, and ends what nobody needs. @returns whether anything runs. */
  async #lookAround(): Promise<boolean> {
    const { actor, reconciler, departures, config } = this.#parts;
    const tasks = await this.#tasks();
    if (this.#seen === NOTHING_SEEN && config.retryFailed) await reconciler.retryFailed(tasks);
    const now: Look = { tasks, attempts: await actor.attempts() };
    const tasksOfSteps = changedSteps(this.#seen, now).flatMap((step) => reconciler.tasksNeeding(step));
    for (const name of new Set([...changedTasks(this.#seen, now), ...tasksOfSteps])) this.#queue.add(name);
    this.#seen = now;
    // Takes as long as the store takes: the others do not wait for it.
    if (this.#ending === 'by-itself') void departures.proceed();
    return reconciler.endUnneeded(now);
  }

  async #tasks(): Promise<Task[]> {
    const { tasks, config } = this.#parts;
    if (config.onlyTask === null) return tasks.list();
    const task = await tasks.get(config.onlyTask);
    return task === undefined ? [] : [task];
  }

  /** A change in the runner or of a Task, a call of `stop` (also one during the last look), or simply time. */
  async #nextOccasion(failures: number): Promise<void> {
    const { runner, tasks, clock, config } = this.#parts;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#woken.signal, over.signal]);
    const pauseMs = failures === 0 ? config.resyncSeconds * 1000 : FIRST_PAUSE_MS * 2 ** (failures - 1);
    const changed = failures === 0 ? [runner.changed(signal), tasks.changed(signal)] : [];
    await Promise.race([...changed, clock.sleep(Math.min(pauseMs, LONGEST_PAUSE_MS), signal)]);
    over.abort();
    if (this.#woken.signal.aborted) this.#woken = new AbortController();
  }

  /** What cannot be told either is in the log already. */
  async #tellOfTrouble(task: string, err: unknown): Promise<void> {
    try {
      await this.#parts.reconciler.noteTrouble(task, err);
    } catch (reason) {
      this.#parts.log.warn({ task, err: reason }, 'trouble of a task could not be told');
    }
  }

  #note(phrase: string, fields: Record<string, unknown>, err: unknown, failures: number): void {
    const { config, log } = this.#parts;
    log.error({ ...fields, err, failures }, phrase);
    if (config.failuresInARow !== null && failures >= config.failuresInARow) this.#gaveUp.reject(err);
  }
}
