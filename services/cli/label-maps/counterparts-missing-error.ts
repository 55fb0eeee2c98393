import { BadInputError } from '#core/errors.ts';

/** Thrown when two folders shall be paired file by file, and files of one have no counterpart in the other. */
export class CounterpartsMissingError extends BadInputError {
  readonly code = 'COUNTERPARTS_MISSING';
}
