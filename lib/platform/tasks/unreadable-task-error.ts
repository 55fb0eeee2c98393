import { PentafoldError } from '#core/errors.ts';

/** Thrown when the file of a Task holds none, as after a loss of power. Applying the Task again replaces it. */
export class UnreadableTaskError extends PentafoldError {
  readonly code = 'TASK_UNREADABLE';

  constructor(file: string) {
    super(`${file} does not hold a Task any more; run its Task file again, which replaces it`);
  }
}
