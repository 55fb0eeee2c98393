import { PentafoldError } from '#core/errors.ts';

/** Thrown when a stored object is not what its manifest or reference says: other bytes, another shape, or gone. */
export class CorruptObjectError extends PentafoldError {
  readonly code = 'OBJECT_CORRUPT';
  readonly key: string;

  constructor(key: string, expected: string, got: string, options?: ErrorOptions) {
    super(`object ${key}: expected ${expected}, got ${got}; delete the step's folder to have it made again`, options);
    this.key = key;
  }
}
