import type { Numerics } from '#compute/engine.ts';
import { PentafoldError } from '#core/errors.ts';

/** Thrown when a checkpoint was made by other arithmetic than this machine's, so that going on would change the result. */
export class NumericsMismatchError extends PentafoldError {
  readonly code = 'NUMERICS_MISMATCH';
  readonly field: keyof Numerics;

  constructor(field: keyof Numerics, expected: string | number, got: string | number, options?: ErrorOptions) {
    super(
      `checkpoint was made with ${field} '${expected}', this worker has '${got}'; resume where they agree, or remove ` +
        'the checkpoint to train the fold from the start',
      options,
    );
    this.field = field;
  }
}

const FIELDS = [
  'engine',
  'version',
  'device',
  'dtype',
  'instructionSet',
  'threads',
] as const satisfies (keyof Numerics)[];

/** @throws {NumericsMismatchError} for the first field in which the two differ. */
export function requireSameNumerics(checkpoint: Numerics, worker: Numerics): void {
  for (const field of FIELDS) {
    if (checkpoint[field] !== worker[field]) throw new NumericsMismatchError(field, checkpoint[field], worker[field]);
  }
}
