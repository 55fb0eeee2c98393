import { BadInputError } from '#core/errors.ts';

/** How many problems a message spells out; `problems` holds them all. */
const SHOWN = 20;

/** Thrown when a data set's folder or its dataset.json cannot be used as it is. Carries everything that was found. */
export class InvalidDatasetError extends BadInputError {
  readonly code = 'DATASET_INVALID';
  /** One sentence each, naming cases by id. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    const shown = problems.slice(0, SHOWN).join('; ');
    const more = problems.length > SHOWN ? `; and ${problems.length - SHOWN} more` : '';
    super(`the data set cannot be used: ${shown}${more}`, options);
    this.problems = problems;
  }
}
