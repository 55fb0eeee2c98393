import type { Task, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { Instruction } from '#platform/link/controller-link.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { StepRunner } from '#platform/runner/step-runner.ts';
import type { Deletions } from '#platform/tasks/deletions.ts';
import type { TaskEvent, TaskEvents } from '#platform/tasks/task-events.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import type { Actor } from './act.ts';
import type { Look } from './changes.ts';
import type { Config } from './config.ts';
import { isLive } from './decide/attempt-outcome.ts';
import { decide } from './decide/decide.ts';
import { outOfReach } from './decide/degraded.ts';
import { actionEvents, attemptEvents, statusEvents } from './decide/events.ts';
import { towards } from './decide/goal.ts';
import { nextLook } from './decide/next-look.ts';
import type { Observed } from './decide/observed.ts';
import { heardRetry, retried } from './decide/retry.ts';
import { isSettled } from './decide/settled.ts';
import { statusOf } from './decide/status.ts';
import { type Verdict, verdictOn } from './decide/verdict.ts';
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
  readonly deletions: Deletions;
  readonly events: TaskEvents;
  readonly clock: Clock;
  readonly log: Logger;
}

const FORECAST_EVERY_MS = 60_000;

/** One Task at a time: observe, decide, act, then one status if it changed. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #observations = new Observations();
  /** Tasks at their end: what they need is not known, and not needed. */
  readonly #settled = new Set<string>();
  readonly #snapshots = new Map<string, TaskSnapshot>();
  /** By name: when its status was written last. */
  readonly #writtenMs = new Map<string, number>();
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

  /** For a worker that asks. Before every Task was looked at nothing can be said against its step. */
  wishFor(step: string, attempt: number): Instruction {
    if (this.#draining !== null) return this.#draining === 'now' ? 'stop' : 'yield';
    if (this.#observations.isSuperseded(step, attempt)) return 'stop';
    return this.#everyTaskSeen ? this.#wishFor(step) : 'go-on';
  }

  #wishFor(step: string): Instruction {
    const someAreUnnamed = this.#observations.someAreUnnamed || this.#settled.size > 0;
    return wishFor(this.#observations.verdictsOfThoseNeeding(step), someAreUnnamed);
  }

  /** Names of the Tasks that need a step, as last seen. */
  tasksNeeding(step: string): string[] {
    return this.#observations.needing(step);
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
    this.#tellTransitions(task, status);
    return { ...task, status };
  }

  /** Looks at one Task and does what is to be done. @returns when to look again without being told to. */
  async reconcile(name: string): Promise<Date | null> {
    const { observer, tasks, deletions, clock, config } = this.#parts;
    const task = await this.#heard(await tasks.get(name));
    if (task === undefined || this.#isAtItsEnd(task)) {
      this.#forget(name, task);
      return null;
    }
    // Before anything is stored for it.
    await deletions.hold(name, task.spec.deletionPolicy === 'Delete');
    const observed = await observer.observe(task);
    this.#settled.delete(name);
    this.#tell(task, attemptEvents(this.#observations.of(name), observed));
    // All that follows speaks of this one moment: a pause that ends meanwhile is not over for one part and on for another.
    const now = clock.now();
    const verdict = verdictOn(observed, config.limits, now);
    this.#observations.set(observed, verdict.kind);
    const acted = this.#draining === null && (await this.#act(observed, now));
    await this.#report(observed, verdict, now);
    return acted ? clock.now() : nextLook(verdict.steps, config.resyncSeconds * 1000, now);
  }

  /** Says in a Task's status that it cannot be looked at, as far as that can be said. */
  async noteTrouble(name: string, error: unknown): Promise<void> {
    const { tasks, clock } = this.#parts;
    const task = await tasks.get(name);
    if (task === undefined || isSettled(task)) return;
    const status = outOfReach(task, error, clock.now());
    if (canonicalJson(status) === canonicalJson(task.status ?? null)) return;
    await tasks.updateStatus(name, status);
    this.#tellTransitions(task, status);
  }

  #tell(task: Task, events: readonly TaskEvent[]): void {
    for (const event of events) this.#parts.events.record(task, event);
  }

  /** The one Task that a controller is for is looked at all the same: its results may be damaged since. */
  #isAtItsEnd = (task: Task): boolean => this.#parts.config.onlyTask === null && isSettled(task);

  #forget(name: string, task: Task | undefined): void {
    const observed = this.#observations.of(name);
    if (observed !== undefined) this.#parts.observer.forget(observed);
    this.#observations.delete(name);
    this.#snapshots.delete(name);
    this.#writtenMs.delete(name);
    if (task === undefined) this.#settled.delete(name);
    else this.#settled.add(name);
  }

  /** @returns whether something was done whose result can be seen at once; an attempt's start its runner tells. */
  async #act(observed: Observed, now: Date): Promise<boolean> {
    const { actor, observer, config } = this.#parts;
    const possible = decide(observed, config.limits, now);
    const actions = config.onlySteps === null ? possible : towards(config.onlySteps, possible, [observed]);
    for (const action of actions) {
      await actor.perform(action);
      if (action.kind === 'record-failure' || action.kind === 'withdraw') observer.lookAgainAt(action.step);
      if (action.kind === 'tidy-up') observer.tidied(action.step);
    }
    this.#tell(observed.task, actionEvents(actions));
    return actions.some(({ kind }) => kind !== 'start');
  }

  /**
   * Ends the attempts that nobody needs.
   *
   * @param look at all Tasks and attempts that there are. While one of the Tasks was not looked at yet, nothing is ended.
   * @returns whether anything still runs.
   */
  async endUnneeded({ tasks, attempts }: Look): Promise<boolean> {
    this.#everyTaskSeen ||= tasks.every(
      ({ metadata: { name } }) => this.#observations.of(name) !== undefined || this.#settled.has(name),
    );
    const { runner } = this.#parts;
    const live = attempts.filter(({ state }) => isLive(state));
    for (const attempt of live) {
      const wish = this.wishFor(attempt.step, attempt.attempt);
      if (wish !== 'go-on') await runner.stop(attempt, wish === 'yield' ? 'checkpoint' : 'now');
    }
    return live.length > 0;
  }

  async #report(observed: Observed, verdict: Verdict, now: Date): Promise<void> {
    const { config, clock, tasks } = this.#parts;
    const { task } = observed;
    const { name } = task.metadata;
    const status = this.#steadied(task, statusOf(observed, config.limits, now));
    if (canonicalJson(status) !== canonicalJson(task.status ?? null)) {
      await tasks.updateStatus(name, status);
      this.#writtenMs.set(name, clock.monotonicMs());
      this.#tellTransitions(task, status);
    }
    this.#snapshots.set(name, snapshotOf({ ...task, status }, verdict, config.onlySteps));
  }

  /** A forecast alone is written at most once a minute, whatever it wavers. */
  #steadied({ metadata, status: before }: Task, status: TaskStatus): TaskStatus {
    const since = this.#parts.clock.monotonicMs() - (this.#writtenMs.get(metadata.name) ?? Number.NEGATIVE_INFINITY);
    const said = before?.estimatedCompletionTime;
    if (since >= FORECAST_EVERY_MS || said === undefined || status.estimatedCompletionTime === undefined) return status;
    return { ...status, estimatedCompletionTime: said };
  }

  #tellTransitions(task: Task, after: TaskStatus): void {
    this.#tell(task, statusEvents(task.status, after));
    for (const { type, status, reason, message } of after.conditions) {
      if (task.status?.conditions.find((before) => before.type === type)?.status === status) continue;
      this.#parts.log.info({ task: task.metadata.name, type, status, reason, message }, 'condition changed');
    }
  }
}
