import { BadInputError } from '#core/errors.ts';

/** Thrown when a model folder cannot be predicted with: a file is missing, damaged, or says what is not understood. */
export class UnusableModelError extends BadInputError {
  readonly code = 'MODEL_UNUSABLE';
}
