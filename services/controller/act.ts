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
    const { steps, runner, log } = this.#targets;
    switch (action.kind) {
      case 'start': {
        const { step, attempt, title } = action.attempt;
        await steps.describe(action.description);
        await steps.begin(step, attempt);
        await runner.start(action.attempt);
        log.info({ step, attempt, title }, 'attempt started');
        return;
      }
      case 'plan': {
        await steps.describe(action.description);
        await steps.begin(action.step, action.attempt);
        await this.#plan(action.step, action.attempt);
        return;
      }
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

  async #plan(step: string, attempt: number): Promise<void> {
    const failure = await runPlanStep(this.#targets.steps, step, attempt);
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
