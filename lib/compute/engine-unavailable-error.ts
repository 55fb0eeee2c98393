import { PentafoldError } from '#core/errors.ts';

/** Thrown when an engine cannot be loaded on this machine, or does not compute there what was asked of it. */
export class EngineUnavailableError extends PentafoldError {
  readonly code = 'ENGINE_UNAVAILABLE';
  readonly engine: string;
  /** A clause that says by itself what is not possible. */
  readonly reason: string;
  /** What to do, in words. */
  readonly remedy: string;

  constructor(engine: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(`engine ${engine}: ${reason}; ${remedy}`, options);
    this.engine = engine;
    this.reason = reason;
    this.remedy = remedy;
  }
}
