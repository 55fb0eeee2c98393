import { PentafoldError } from '#core/errors.ts';

/** Thrown when native code fails: a file that cannot be mapped, memory that is not there, a fault of libtorch. */
export class TorchError extends PentafoldError {
  readonly code = 'TORCH_FAILED';
  /** The native function. */
  readonly call: string;

  constructor(call: string, cause: unknown) {
    super(`${call}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.call = call;
  }
}
