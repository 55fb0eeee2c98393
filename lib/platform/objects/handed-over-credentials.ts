import { PentafoldError } from '#core/errors.ts';
import type { Clock } from '../clock/clock.ts';
import type { CredentialSource, S3Credentials } from './s3-credentials.ts';

/** Credentials that end by themselves. */
export interface TemporaryCredentials extends S3Credentials {
  readonly sessionToken: string;
  /** From when they were handed over. */
  readonly validSeconds: number;
}

/** Thrown when a program waited in vain for somebody to hand it credentials for the object store. */
export class StoreCredentialsMissingError extends PentafoldError {
  readonly code = 'STORE_CREDENTIALS_MISSING';

  constructor(seconds: number) {
    super(`the controller handed over no credentials for the object store in ${seconds} s; its log says why`);
  }
}

/** What stores say of credentials that have ended, as AWS, Ceph and MinIO put it. */
const ENDED: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidToken',
  'InvalidTokenId',
  'TokenRefreshRequired',
]);

/**
 * Credentials that come from the controller, and come anew before they end.
 *
 * What asks for them while there are none waits: at the start, and after the store said that those it had are no good any
 * more, which `secondsLeft` then tells to whoever asks the controller.
 */
export class HandedOverCredentials implements CredentialSource {
  readonly #clock: Clock;
  readonly #patienceSeconds: number;
  #held: { readonly credentials: S3Credentials; readonly untilMs: number } | null = null;
  #arrival = Promise.withResolvers<void>();
  #missingSinceMs: number;

  /** @param patienceSeconds how long to wait for them. */
  constructor({ clock, patienceSeconds }: { readonly clock: Clock; readonly patienceSeconds: number }) {
    this.#clock = clock;
    this.#patienceSeconds = patienceSeconds;
    this.#missingSinceMs = this.#nowMs();
  }

  /** For how long those that are held are good yet, in whole seconds; 0 when there are none. */
  get secondsLeft(): number {
    if (this.#held === null) return 0;
    return Math.max(0, Math.floor((this.#held.untilMs - this.#nowMs()) / 1000));
  }

  /** From now on these are used. */
  take({ accessKey, secretKey, sessionToken, validSeconds }: TemporaryCredentials): void {
    this.#held = {
      credentials: { accessKey, secretKey, sessionToken },
      untilMs: this.#nowMs() + 1000 * validSeconds,
    };
    this.#arrival.resolve();
  }

  /** @throws {StoreCredentialsMissingError} when none came in time. */
  async current(): Promise<S3Credentials> {
    while (this.#held === null) await this.#wait();
    return this.#held.credentials;
  }

  refused(credentials: S3Credentials, s3Code: string): boolean {
    const isHeld = this.#held?.credentials === credentials;
    const haveEnded = ENDED.has(s3Code) || (isHeld && this.secondsLeft === 0);
    if (isHeld && haveEnded) {
      this.#held = null;
      this.#arrival = Promise.withResolvers();
      this.#missingSinceMs = this.#nowMs();
    }
    return haveEnded || !isHeld;
  }

  async #wait(): Promise<void> {
    const leftMs = this.#missingSinceMs + 1000 * this.#patienceSeconds - this.#nowMs();
    if (leftMs <= 0) throw new StoreCredentialsMissingError(this.#patienceSeconds);
    const over = new AbortController();
    await Promise.race([this.#arrival.promise, this.#clock.sleep(leftMs, over.signal)]);
    over.abort();
  }

  #nowMs = (): number => this.#clock.now().getTime();
}
