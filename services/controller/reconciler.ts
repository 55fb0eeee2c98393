import type { Task } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Instruction } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import type { Actor } from './act.ts';
import type { Config } from './config.ts';
import { isLive } from './decide/attempt-outcome.ts';
import { decide } from './decide/decide.ts';
import { towards } from './decide/goal.ts';
import { nextLook } from './decide/next-look.ts';
import type { Observed } from './decide/observed.ts';
import { heardRetry, retried } from './decide/retry.ts';
import { isSettled } from './decide/settled.ts';
import { statusOf } from './decide/status.ts';
import { verdictOn } from './decide/verdict.ts';
import { wishFor } from './decide/wish.ts';
import { Observations } from './observations.ts';
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

/** One Task at a time: observe, decide, act, then one status if it changed. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #observations = new Observations();
  /** Tasks at their end: what they need is not known, and not needed. */
  readonly #settled = new Set<string>();
  readonly #snapshots = new Map<string, TaskSnapshot>();
  #everyTaskSeen = false;
  #draining: 'checkpoint' | 'now' | null = null;

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  /** As of the last look at the Task. */
  snapshot(task: string): TaskSnapshot | undefined {
    return this.#snapshots.get(task);
  }

  /** From now on nothing starts and everything is asked to end. `now` after `checkpoint` is heard, not the reverse. */
  drain(how: 'checkpoint' | 'now'): void {
    if (this.#draining !== 'now') this.#draining = how;
  }

  /** For a worker that asks. Before every Task was looked at nothing can be said against it. */
  wishFor(step: string): Instruction {
    if (this.#draining !== null) return this.#draining === 'now' ? 'stop' : 'yield';
    return this.#everyTaskSeen ? this.#wishFor(step) : 'go-on';
  }

  #wishFor(step: string): Instruction {
    const { config, clock } = this.#parts;
    const someAreUnnamed = this.#observations.someAreUnnamed || this.#settled.size > 0;
    return wishFor(this.#observations.needing(step), someAreUnnamed, config.limits, clock.now());
  }

  /** Names of the Tasks that need a step, as last seen. */
  tasksNeeding(step: string): string[] {
    return this.#observations.needing(step).map(({ task }) => task.metadata.name);
  }

  /** Makes failed Tasks ready to be tried again. */
  async retryFailed(listed: readonly Task[]): Promise<void> {
    const { tasks, clock, log } = this.#parts;
    for (const task of listed) {
      const status = retried(task, clock.now());
      if (status === undefined) continue;
      await tasks.updateStatus(task.metadata.name, status);
      log.info({ task: task.metadata.name }, 'failed task tried again');
    }
  }

  /** The Task as it is once a person's request to try it again is heard, which is written down before anything else. */
  async #heard(task: Task | undefined): Promise<Task | undefined> {
    const { tasks, clock, log } = this.#parts;
    const status = task === undefined ? undefined : heardRetry(task, clock.now());
    if (task === undefined || status === undefined) return task;
    await tasks.updateStatus(task.metadata.name, status);
    log.info({ task: task.metadata.name, request: status.lastRetryRequestedAt }, 'request for a retry heard');
    this.#logTransitions(task, status.conditions);
    return { ...task, status };
  }

  /** Looks at one Task and does what is to be done. @returns when to look again without being told to. */
  async reconcile(name: string): Promise<Date | null> {
    const { actor, observer, tasks, clock, config } = this.#parts;
    // Asked first: an attempt that is seen as ended then has its manifest by the time that is looked for.
    const attempts = await actor.attempts();
    const task = await this.#heard(await tasks.get(name));
    if (task === undefined || this.#isAtItsEnd(task)) {
      this.#forget(name, task);
      return null;
    }
    const observed = await observer.observe(task, attempts);
    this.#settled.delete(name);
    this.#observations.set(observed);
    const acted = this.#draining === null && (await this.#act(observed));
    await this.#report(observed);
    if (acted) return clock.now();
    return nextLook(verdictOn(observed, config.limits, clock.now()).steps, config.resyncSeconds * 1000, clock.now());
  }

  /** The one Task that a controller is for is looked at all the same: its results may be damaged since. */
  #isAtItsEnd = (task: Task): boolean => this.#parts.config.onlyTask === null && isSettled(task);

  #forget(name: string, task: Task | undefined): void {
    const observed = this.#observations.of(name);
    if (observed !== undefined) this.#parts.observer.forget(observed);
    this.#observations.delete(name);
    this.#snapshots.delete(name);
    if (task === undefined) this.#settled.delete(name);
    else this.#settled.add(name);
  }

  /** @returns whether something was done whose result can be seen at once; an attempt's start its runner tells. */
  async #act(observed: Observed): Promise<boolean> {
    const { actor, clock, config } = this.#parts;
    const possible = decide(observed, config.limits, clock.now());
    const actions = config.onlySteps === null ? possible : towards(config.onlySteps, possible, [observed]);
    for (const action of actions) await actor.perform(action);
    return actions.some(({ kind }) => kind !== 'start');
  }

  /**
   * Ends the attempts that nobody needs.
   *
   * @param names of all Tasks that there are. While one of them was not looked at yet, nothing is ended.
   * @returns whether anything still runs.
   */
  async endUnneeded(names: readonly string[]): Promise<boolean> {
    this.#everyTaskSeen ||= names.every((name) => this.#observations.of(name) !== undefined || this.#settled.has(name));
    const { actor, runner } = this.#parts;
    const live = (await actor.attempts()).filter(({ state }) => isLive(state));
    for (const attempt of live) {
      const wish = this.wishFor(attempt.step);
      if (wish !== 'go-on') await runner.stop(attempt, wish === 'yield' ? 'checkpoint' : 'now');
    }
    return live.length > 0;
  }

  async #report(observed: Observed): Promise<void> {
    const { config, clock, tasks } = this.#parts;
    const { task } = observed;
    const { name } = task.metadata;
    const status = statusOf(observed, config.limits, clock.now());
    if (canonicalJson(status) !== canonicalJson(task.status ?? null)) {
      await tasks.updateStatus(name, status);
      this.#logTransitions(task, status.conditions);
    }
    const verdict = verdictOn(observed, config.limits, clock.now());
    this.#snapshots.set(name, snapshotOf({ ...task, status }, verdict, config.onlySteps));
  }

  #logTransitions(task: Task, conditions: NonNullable<Task['status']>['conditions']): void {
    for (const { type, status, reason, message } of conditions) {
      if (task.status?.conditions.find((before) => before.type === type)?.status === status) continue;
      this.#parts.log.info({ task: task.metadata.name, type, status, reason, message }, 'condition changed');
    }
  }
}
