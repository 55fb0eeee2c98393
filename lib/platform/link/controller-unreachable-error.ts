import { PentafoldError } from '#core/errors.ts';

/** Thrown when the controller did not answer: away, too slow, or it does not know our token. */
export class ControllerUnreachableError extends PentafoldError {
  readonly code = 'CONTROLLER_UNREACHABLE';

  constructor(address: string, reason: string, options?: ErrorOptions) {
    super(`the controller at ${address} did not answer: ${reason}`, options);
  }
}
