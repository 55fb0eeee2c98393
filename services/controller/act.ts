import type { Logger } from '#platform/logging/logger.ts';
import type { ObservedAttempt, StepRunner } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { EXIT_CODES } from '#steps/exit-codes.ts';
import type { StepStore } from '#steps/step-store.ts';
import type { Action } from './decide/decide.ts';
import { runPlanStep } from './plan-step.ts';

/** What actions act upon. */
export interface Targets {
  readonly steps: StepStore;
  readonly tasks: TaskStore;
  readonly runner: StepRunner;
  readonly log: Logger;
}

/** Performs actions, and remembers how the attempts that it carried out itself ended, as a runner does. */
export class Actor {
  readonly #targets: Targets;
  readonly #ended: ObservedAttempt[] = [];
  /** By step: what is being done to have it carried out. */
  readonly #beginning = new Map<string, Promise<void>>();

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** The runner's attempts and its own. */
  async attempts(): Promise<ObservedAttempt[]> {
    return [...(await this.#targets.runner.list()), ...this.#ended];
  }

  /** Those at one step. */
  async attemptsAt(step: string): Promise<ObservedAttempt[]> {
    return [...(await this.#targets.runner.listOf(step)), ...this.#ended.filter((attempt) => attempt.step === step)];
  }

  async perform(action: Action): Promise<void> {
    const { steps, log } = this.#targets;
    switch (action.kind) {
      case 'start':
        return this.#once(action.attempt.step, () => this.#start(action));
      case 'plan':
        return this.#once(action.step, () => this.#plan(action));
      case 'record-failure': {
        const { step, attempt, failure } = action;
        await steps.attempt(step, attempt).fail(failure);
        log.warn({ step, attempt, code: failure.code }, 'attempt ended without a reason');
        return;
      }
      case 'withdraw': {
        const { step, attempt, failure } = action;
        await steps.attempt(step, attempt).fail(failure);
        await steps.withdraw(step);
        log.warn({ step, attempt, reason: failure.message }, 'damaged step withdrawn');
        return;
      }
      case 'tidy-up': {
        await this.#tidyUp(action.step, action.attempts);
        return;
      }
      case 'apply-model': {
        await this.#applyModel(action);
        return;
      }
    }
  }

  /** Tasks that need the same step want the same of it, at the same time: one of them gets it for all. */
  #once(step: string, begin: () => Promise<void>): Promise<void> {
    const beginning = this.#beginning.get(step) ?? begin().finally(() => this.#beginning.delete(step));
    this.#beginning.set(step, beginning);
    return beginning;
  }

  async #start({ attempt: start, description }: Extract<Action, { kind: 'start' }>): Promise<void> {
    const { steps, runner, log } = this.#targets;
    const { step, attempt, title } = start;
    // By another Task, since this one looked.
    if ((await runner.listOf(step)).some((one) => one.attempt >= attempt)) return;
    await steps.describe(description);
    await steps.begin(step, attempt);
    await runner.start(start);
    log.info({ step, attempt, title }, 'attempt started');
  }

  async #plan({ step, attempt, description }: Extract<Action, { kind: 'plan' }>): Promise<void> {
    const { steps } = this.#targets;
    await steps.describe(description);
    await steps.begin(step, attempt);
    const failure = await runPlanStep(steps, step, attempt);
    if (failure === undefined) {
      this.#targets.log.info({ step, attempt }, 'plan made');
      return;
    }
    this.#targets.log.warn({ step, attempt, code: failure.code }, 'plan failed');
    const exitCode = failure.badInput ? EXIT_CODES.badInput : EXIT_CODES.failed;
    this.#ended.push({ step, attempt, state: { kind: 'ended', exitCode } });
  }

  /** What this cannot remove costs room and nothing else. */
  async #tidyUp(step: string, attempts: readonly number[]): Promise<void> {
    try {
      await this.#targets.steps.removeInterim(step, attempts);
    } catch (err) {
      this.#targets.log.warn({ step, attempts, err }, 'checkpoints of other attempts not removed');
    }
  }

  /** Again for the same step is harmless: the version stays. */
  async #applyModel({ model }: Extract<Action, { kind: 'apply-model' }>): Promise<void> {
    const standing = await this.#targets.tasks.getModel(model.metadata.name);
    if (standing?.spec.step === model.spec.step) return;
    await this.#targets.tasks.applyModel(model);
    const { version, task } = model.spec;
    this.#targets.log.info({ model: model.metadata.name, version, task }, 'model published');
  }
}
