import type { Task } from '#api/v1alpha1/kinds.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { Deletions, LeavingTask } from '#platform/tasks/deletions.ts';
import type { TaskEvents } from '#platform/tasks/task-events.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import type { StepStore } from '#steps/step-store.ts';
import { isLive } from './decide/attempt-outcome.ts';
import type { Observed } from './decide/observed.ts';
import { isSettled } from './decide/settled.ts';
import type { Observer } from './observe.ts';

export interface DepartureParts {
  readonly deletions: Deletions;
  readonly tasks: TaskStore;
  readonly observer: Observer;
  readonly steps: StepStore;
  readonly runner: StepRunner;
  readonly events: TaskEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

/** So long a deletion waits for what is away or does not end; then the data stays. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Removes what Tasks that are being deleted had stored, where they ask for it.
 *
 * What another Task or a Model needs stays, and so do the steps of specs that the Task had before. Steps are only results
 * that can be computed again: a Task that comes while they go loses time, and nothing else.
 */
export class Departures {
  readonly #parts: DepartureParts;
  #proceeding: Promise<void> | null = null;

  constructor(parts: DepartureParts) {
    this.#parts = parts;
  }

  /** Goes on with every departure, unless that is being done. Never throws: what fails is tried again. */
  proceed(): Promise<void> {
    this.#proceeding ??= this.#proceed().finally(() => {
      this.#proceeding = null;
    });
    return this.#proceeding;
  }

  async #proceed(): Promise<void> {
    const { deletions, log } = this.#parts;
    try {
      for (const leaving of await deletions.leaving()) await this.#see(leaving);
    } catch (err) {
      log.error({ err }, 'departures could not be looked at');
    }
  }

  async #see({ name, task, since }: LeavingTask): Promise<void> {
    const { deletions, clock, log } = this.#parts;
    if (task === undefined) return deletions.hold(name, false);
    if (await deletions.everythingGoes()) return this.#keep(task, 'its namespace is being deleted');
    const isOverdue = clock.now().getTime() - since.getTime() > PATIENCE_MS;
    try {
      if (await this.#removed(task)) {
        log.info({ task: name }, 'stored data removed');
        return await deletions.hold(name, false);
      }
      if (isOverdue) await this.#keep(task, 'its workers did not end');
    } catch (err) {
      log.warn({ task: name, err }, 'stored data not removed');
      if (isOverdue) await this.#keep(task, 'it could not be removed');
    }
  }

  /** Gives up: nothing may wait for us for ever. */
  async #keep(task: Task, why: string): Promise<void> {
    const { deletions, events, log } = this.#parts;
    const { name } = task.metadata;
    log.warn({ task: name, why }, 'stored data kept');
    const note = `What the Task stored stays: ${why}.`;
    events.record(task, { type: 'Warning', reason: 'StoredDataKept', action: 'Delete', note });
    await deletions.hold(name, false);
  }

  /** @returns whether all that is to go is gone. */
  async #removed(task: Task): Promise<boolean> {
    const { observer, steps } = this.#parts;
    const observed = await observer.observe(task);
    const alone = await this.#neededByNobodyElse(observed);
    if (await this.#isWorkedOn(alone)) return false;
    for (const step of alone) await steps.remove(step);
    observer.forget(observed);
    return true;
  }

  async #neededByNobodyElse(observed: Observed): Promise<string[]> {
    const { deletions, tasks } = this.#parts;
    const mine = new Set(digestsOf(observed));
    for (const step of await deletions.modelSteps()) mine.delete(step);
    for (const other of await tasks.list()) {
      if (mine.size === 0) break;
      for (const step of await this.#stepsOf(other)) mine.delete(step);
    }
    return [...mine];
  }

  /** Of Tasks that have come to their end nothing is remembered; there are few departures. */
  async #stepsOf(task: Task): Promise<string[]> {
    const { observer } = this.#parts;
    const observed = await observer.observe(task);
    if (isSettled(task)) observer.forget(observed);
    return digestsOf(observed);
  }

  /** Has the workers end that are at it, and says whether some may still write: one that ends saves first. */
  async #isWorkedOn(alone: readonly string[]): Promise<boolean> {
    const { runner } = this.#parts;
    for (const step of alone)
      for (const attempt of (await runner.listOf(step)).filter(({ state }) => isLive(state)))
        await runner.stop(attempt, 'now');
    const answers = await Promise.all(alone.map((step) => runner.mayStillWrite(step)));
    return answers.includes(true);
  }
}

const digestsOf = ({ steps }: Observed): string[] => steps.flatMap(({ digest }) => digest ?? []);
