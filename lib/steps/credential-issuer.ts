import type * as z from 'zod';
import { PentafoldError } from '#core/errors.ts';
import type { Clock } from '#platform/clock/clock.ts';
import type { TemporaryCredentials } from '#platform/objects/handed-over-credentials.ts';
import type { S3Config } from '#platform/objects/s3-config.ts';
import { S3ObjectStore } from '#platform/objects/s3-object-store.ts';
import { StoreRefusedError } from '#platform/objects/s3-request.ts';
import type { S3Address } from '#platform/objects/s3-rights.ts';
import { SecurityTokenService } from '#platform/objects/security-token-service.ts';
import { attemptRights } from './attempt-rights.ts';
import type { StepDescription } from './step.ts';
import { manifestKey } from './step-keys.ts';
import type { stsEnvironment } from './sts-environment.ts';

/** Thrown when a store gives temporary credentials and lets their bearer do more than was said. */
export class RightsNotKeptError extends PentafoldError {
  readonly code = 'STORE_RIGHTS_NOT_KEPT';

  constructor(endpoint: URL) {
    super(
      `the object store at ${endpoint.origin} does not hold temporary credentials to the policy that they were made with; ` +
        'unset S3_STS_ENDPOINT to give workers the keys themselves',
    );
  }
}

export interface CredentialIssuerOptions {
  /** Where all results are. */
  readonly objects: S3Address;
  readonly s3: S3Config;
  readonly sts: NonNullable<z.infer<typeof stsEnvironment>['sts']>;
  readonly clock: Clock;
}

/** Of what any role may be given, the longest: half of it is far more than a worker goes on without its controller. */
const VALID_SECONDS = 3600;
const TIMEOUT_MS = 10_000;

/** Of no step that there is. */
const NO_STEP = '0'.repeat(64);
const NO_OTHER_STEP = 'f'.repeat(64);

/** Temporary credentials for attempts, each good for its own place alone. */
export class CredentialIssuer {
  readonly #options: CredentialIssuerOptions;
  readonly #service: SecurityTokenService;

  /** @throws {RangeError} without keys to begin with. */
  constructor(options: CredentialIssuerOptions) {
    const { s3, sts, clock } = options;
    if (s3.keys === null) throw new RangeError('temporary credentials are made with keys; set S3_ACCESS_KEY');
    this.#options = options;
    this.#service = new SecurityTokenService({
      ...sts,
      region: s3.region,
      keys: s3.keys,
      validSeconds: VALID_SECONDS,
      timeoutMs: TIMEOUT_MS,
      clock,
    });
  }

  get validSeconds(): number {
    return this.#service.validSeconds;
  }

  /** @throws {NoTemporaryCredentialsError} */
  issue(
    step: string,
    attempt: number,
    description: Pick<StepDescription, 'datasetUri' | 'pretrainedWeightsUri'>,
  ): Promise<TemporaryCredentials> {
    const rights = attemptRights(this.#options.objects, step, attempt, description);
    return this.#service.issue(`${step.slice(0, 32)}-${attempt}`, rights);
  }

  /**
   * Tries whether the store gives such credentials, and whether it then keeps their bearer from the rest. Changes nothing.
   *
   * @throws {NoTemporaryCredentialsError} @throws {RightsNotKeptError} @throws {StoreUnreachableError}
   */
  async check(): Promise<void> {
    const { objects, s3, clock } = this.#options;
    const issued = await this.issue(NO_STEP, 1, { datasetUri: '', pretrainedWeightsUri: null });
    const store = new S3ObjectStore({
      ...s3,
      ...objects,
      credentials: { current: async () => issued, refused: () => false },
      retry: { firstPauseMs: 200, longestPauseMs: 1000, forMs: TIMEOUT_MS, clock, random: Math.random },
      timeoutMs: TIMEOUT_MS,
      partBytes: Number.POSITIVE_INFINITY,
    });
    await store.get(manifestKey(NO_STEP));
    const refusal = await store.delete(manifestKey(NO_OTHER_STEP)).catch((error: unknown) => error);
    if (refusal === undefined) throw new RightsNotKeptError(s3.endpoint);
    if (!(refusal instanceof StoreRefusedError)) throw refusal;
  }
}
