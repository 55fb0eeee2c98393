import { BadInputError } from '#core/errors.ts';

/** Thrown when a file ends before its own header or compression says it should, or its bytes are damaged. */
export class TruncatedFileError extends BadInputError {
  readonly code = 'FILE_TRUNCATED';
}
