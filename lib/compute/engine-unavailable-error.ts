import { PentafoldError } from '#core/errors.ts';

/** Thrown when an engine cannot be loaded on this machine. */
export class EngineUnavailableError extends PentafoldError {
  readonly code = 'ENGINE_UNAVAILABLE';
  readonly engine: string;
  readonly reason: string;
  /** What to do, in words. */
  readonly remedy: string;

  constructor(engine: string, reason: string, remedy: string, options?: ErrorOptions) {
    super(`engine ${engine} cannot be loaded: ${reason}; ${remedy}`, options);
    this.engine = engine;
    this.reason = reason;
    this.remedy = remedy;
  }
}
