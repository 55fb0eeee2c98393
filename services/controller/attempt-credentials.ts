import type { Clock } from '#platform/clock/clock.ts';
import type { Logger } from '#platform/logging/logger.ts';
import type { TemporaryCredentials } from '#platform/objects/handed-over-credentials.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';
import type { StepDescription } from '#steps/step.ts';
import { isLive } from './decide/attempt-outcome.ts';

/** Who gives credentials for the object store that are good for one attempt and some time. */
export interface CredentialIssuer {
  /** How long they are good. */
  readonly validSeconds: number;
  issue(step: string, attempt: number, description: StepDescription): Promise<TemporaryCredentials>;
}

export interface AttemptCredentialsOptions {
  readonly issuer: CredentialIssuer;
  /** What the runner knows of a step. */
  readonly running: (step: string) => Promise<readonly ObservedAttempt[]>;
  readonly description: (step: string) => Promise<StepDescription>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** An attempt takes an answer that is late for none, and a controller that does not answer for one that is gone. */
const LONGEST_MS = 5000;

/**
 * Hands credentials for the object store to attempts, and anew when half of their time is over.
 *
 * Remembers none of them: an attempt says for how long its own are good. One that has ended, or that a later one follows,
 * gets no others: from when its own end the store is closed to it.
 */
export class AttemptCredentials {
  readonly #options: AttemptCredentialsOptions;

  constructor(options: AttemptCredentialsOptions) {
    this.#options = options;
  }

  /** @param heldSeconds for how long those that it holds are good. @returns `null` when it gets none now. */
  async for(step: string, attempt: number, heldSeconds: number): Promise<TemporaryCredentials | null> {
    const { issuer, clock, log } = this.#options;
    if (heldSeconds > issuer.validSeconds / 2) return null;
    const over = new AbortController();
    const late = clock.sleep(LONGEST_MS, over.signal).then(() => Promise.reject(new Error(`not in ${LONGEST_MS} ms`)));
    late.catch(() => {});
    try {
      const credentials = await Promise.race([this.#issued(step, attempt), late]);
      if (credentials === null) log.warn({ step, attempt }, 'attempt that is not current gets no store credentials');
      else log.info({ step, attempt, validSeconds: credentials.validSeconds }, 'store credentials handed over');
      return credentials;
    } catch (err) {
      // It asks again soon, and half of their time is left to it.
      log.warn({ step, attempt, err }, 'no store credentials to hand over');
      return null;
    } finally {
      over.abort();
    }
  }

  async #issued(step: string, attempt: number): Promise<TemporaryCredentials | null> {
    const { issuer, running, description } = this.#options;
    if (!isCurrent(await running(step), attempt)) return null;
    return issuer.issue(step, attempt, await description(step));
  }
}

const isCurrent = (attempts: readonly ObservedAttempt[], attempt: number): boolean =>
  attempts.some((one) => one.attempt === attempt && isLive(one.state)) &&
  attempts.every((one) => one.attempt <= attempt);
