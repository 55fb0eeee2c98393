import { ChangeSignal } from '#platform/change-signal.ts';
import { isLive } from '#platform/runner/is-live.ts';
import type { AttemptState, ObservedAttempt, StepAttempt, StepRunner } from '#platform/runner/step-runner.ts';

/** Runs nothing: a test says how the attempts go. */
export class MemoryStepRunner implements StepRunner {
  readonly started: StepAttempt[] = [];
  readonly stopped: string[] = [];
  /** Steps at which a worker saves of which nothing is told any more. */
  readonly saving = new Set<string>();
  readonly #attempts = new Map<string, ObservedAttempt>();
  readonly #change = new ChangeSignal();

  async start(attempt: StepAttempt): Promise<void> {
    if (this.#attempts.has(keyOf(attempt))) return;
    this.started.push(attempt);
    this.go(attempt.step, attempt.attempt, { kind: 'running' });
  }

  /** From now on an attempt is in a state. */
  go(step: string, attempt: number, state: AttemptState): void {
    this.#attempts.set(keyOf({ step, attempt }), { step, attempt, state });
    this.#change.note();
  }

  async list(): Promise<ObservedAttempt[]> {
    return [...this.#attempts.values()];
  }

  async listOf(step: string): Promise<ObservedAttempt[]> {
    return (await this.list()).filter((attempt) => attempt.step === step);
  }

  async mayStillWrite(step: string): Promise<boolean> {
    return this.saving.has(step) || (await this.listOf(step)).some(({ state }) => isLive(state));
  }

  async stop({ step, attempt }: Pick<StepAttempt, 'step' | 'attempt'>, how: 'checkpoint' | 'now'): Promise<void> {
    this.stopped.push(`${step} ${attempt} ${how}`);
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

const keyOf = ({ step, attempt }: Pick<StepAttempt, 'step' | 'attempt'>): string => `${step}/${attempt}`;
