import { BadInputError } from '#core/errors.ts';

/** Thrown when the home, or the namespace, has no Task of that name. */
export class TaskNotFoundError extends BadInputError {
  readonly code = 'TASK_NOT_FOUND';
}
