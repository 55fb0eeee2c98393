import { PentafoldError } from '#core/errors.ts';

/** Thrown when something would be written by a process that leads no longer. */
export class NotLeadingError extends PentafoldError {
  readonly code = 'NOT_LEADING';

  constructor() {
    super('another controller may lead now; nothing more is written');
  }
}

/**
 * What a write needs to be allowed.
 *
 * The signal aborts before anybody else may lead; a write that is on its way then is broken off.
 */
export interface Fence {
  readonly signal: AbortSignal;
  /** @throws {NotLeadingError} when the time is over, even where the signal's timer is late. */
  check(): void;
}
