import type { Task } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Instruction } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { ObservedAttempt, StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import type { Actor } from './act.ts';
import type { Config } from './config.ts';
import { isLive } from './decide/attempt-outcome.ts';
import { decide } from './decide/decide.ts';
import { towards } from './decide/goal.ts';
import type { Observed } from './decide/observed.ts';
import { retried } from './decide/retry.ts';
import { statusOf } from './decide/status.ts';
import { verdictOn } from './decide/verdict.ts';
import { unwanted, wishFor } from './decide/wish.ts';
import type { Observer } from './observe.ts';
import { snapshotOf, type TaskSnapshot } from './snapshot.ts';

export interface ReconcilerParts {
  readonly config: Config;
  readonly tasks: TaskStore;
  readonly runner: StepRunner;
  readonly observer: Observer;
  readonly actor: Actor;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One pass: observe, decide, act, then one status per Task if it changed. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  #observed: readonly Observed[] = [];
  #snapshots: ReadonlyMap<string, TaskSnapshot> = new Map();
  #draining: 'checkpoint' | 'now' | null = null;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** As of the last pass. */
  snapshot(task: string): TaskSnapshot | undefined {
    return this.#snapshots.get(task);
  }

  /** From now on nothing starts and everything is asked to end. `now` after `checkpoint` is heard, not the reverse. */
  drain(how: 'checkpoint' | 'now'): void {
    if (this.#draining !== 'now') this.#draining = how;
  }

  /** For a worker that asks. Before the first pass nothing can be said against it. */
  wishFor(step: string): Instruction {
    if (this.#draining !== null) return this.#draining === 'now' ? 'stop' : 'yield';
    if (this.#observed.length === 0) return 'go-on';
    return wishFor(step, this.#observed, this.#parts.config.limits, this.#parts.clock.now());
  }

  /** Makes failed Tasks ready to be tried again. */
  async retryFailed(): Promise<void> {
    const { tasks, clock, log } = this.#parts;
    for (const task of await this.#tasks()) {
      const status = retried(task, clock.now());
      if (status === undefined) continue;
      await tasks.updateStatus(task.metadata.name, status);
      log.info({ task: task.metadata.name }, 'failed task tried again');
    }
  }

  /** @returns `again`: something was done whose result can be seen at once; `drained`: nothing runs any more. */
  async pass(): Promise<'wait' | 'again' | 'drained'> {
    const { actor, observer } = this.#parts;
    // Asked first: an attempt that is seen as ended then has its manifest by the time that is looked for.
    const running = await actor.attempts();
    const tasks = await this.#tasks();
    this.#observed = await Promise.all(tasks.map((task) => observer.observe(task, running)));
    const acted = this.#draining === null ? await this.#act(running) : await this.#drain(running, this.#draining);
    await this.#report();
    return acted;
  }

  async #tasks(): Promise<Task[]> {
    const { tasks, config } = this.#parts;
    if (config.onlyTask === null) return tasks.list();
    const task = await tasks.get(config.onlyTask);
    return task === undefined ? [] : [task];
  }

  async #act(running: readonly ObservedAttempt[]): Promise<'wait' | 'again'> {
    const { actor, runner, clock, config } = this.#parts;
    const now = clock.now();
    for (const { how, ...attempt } of unwanted(running, this.#observed, config.limits, now)) {
      await runner.stop(attempt, how);
    }
    const possible = this.#observed.flatMap((observed) => decide(observed, config.limits, now));
    const actions = config.onlySteps === null ? possible : towards(config.onlySteps, possible, this.#observed);
    for (const action of actions) await actor.perform(action);
    // The runner says by itself when an attempt started.
    return actions.some(({ kind }) => kind !== 'start') ? 'again' : 'wait';
  }

  async #drain(running: readonly ObservedAttempt[], how: 'checkpoint' | 'now'): Promise<'wait' | 'drained'> {
    const live = running.filter(({ state }) => isLive(state));
    for (const attempt of live) await this.#parts.runner.stop(attempt, how);
    return live.length === 0 ? 'drained' : 'wait';
  }

  async #report(): Promise<void> {
    const { config, clock, tasks } = this.#parts;
    const now = clock.now();
    const snapshots = new Map<string, TaskSnapshot>();
    for (const observed of this.#observed) {
      const { task } = observed;
      const status = statusOf(observed, config.limits, now);
      if (canonicalJson(status) !== canonicalJson(task.status ?? null)) {
        await tasks.updateStatus(task.metadata.name, status);
        this.#logTransitions(task, status.conditions);
      }
      snapshots.set(
        task.metadata.name,
        snapshotOf({ ...task, status }, verdictOn(observed, config.limits, now), config.onlySteps),
      );
    }
    this.#snapshots = snapshots;
  }

  #logTransitions(task: Task, conditions: NonNullable<Task['status']>['conditions']): void {
    for (const { type, status, reason, message } of conditions) {
      if (task.status?.conditions.find((before) => before.type === type)?.status === status) continue;
      this.#parts.log.info({ task: task.metadata.name, type, status, reason, message }, 'condition changed');
    }
  }
}
