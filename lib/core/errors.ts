/**
 * Base of every error that somebody catches by name.
 *
 * `code` is stable, upper snake case, and listed in `docs/errors.md`; a test compares the two. The message says which
 * thing, what was expected, what came, and what to do. It never holds patient data: say `caseId`, not a file name.
 */
export abstract class PentafoldError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/**
 * Input that no repetition will make good: a fault in the data set, the Task or an argument.
 *
 * A step that ends with one fails its Task at once instead of being tried again.
 */
export abstract class BadInputError extends PentafoldError {}
