// Where a step's objects lie. An attempt writes only below its own prefix (and marks that it began), so that whatever
// an old attempt still writes late damages nothing.

const DIGEST = /^[0-9a-f]{64}$/;

/** All that is stored of a step. */
export function stepPrefix(step: string): string {
  if (!DIGEST.test(step)) throw new RangeError(`a step is named by 64 hex digits, got '${step}'`);
  return `steps/${step}/`;
}

/** The `StepDescription` that a worker is given. */
export const descriptionKey = (step: string): string => `${stepPrefix(step)}description.json`;

/** Exists when the step is done. */
export const manifestKey = (step: string): string => `${stepPrefix(step)}manifest.json`;

/** Holds one empty object per attempt that began, named by its number. */
export const begunPrefix = (step: string): string => `${stepPrefix(step)}begun/`;

/** All that an attempt writes. @throws {RangeError} unless `attempt` is a whole number of at least 1. */
export function attemptPrefix(step: string, attempt: number): string {
  if (!Number.isSafeInteger(attempt) || attempt < 1) {
    throw new RangeError(`an attempt is a whole number of at least 1, got ${attempt}`);
  }
  return `${stepPrefix(step)}attempts/${attempt}/`;
}

/** Why an attempt failed. */
export const failureKey = (step: string, attempt: number): string => `${attemptPrefix(step, attempt)}failure.json`;

/** Checkpoints and their references. */
export const checkpointPrefix = (step: string, attempt: number): string =>
  `${attemptPrefix(step, attempt)}checkpoints/`;

/** What an attempt says of the parts of the step that it finished, one object each. */
export const partPrefix = (step: string, attempt: number): string => `${attemptPrefix(step, attempt)}parts/`;

/**
 * An output of an attempt.
 *
 * @throws {RangeError} when `path` is one of the store's own: `failure.json` or below `checkpoints/` or `parts/`.
 */
export function outputKey(step: string, attempt: number, path: string): string {
  if (path === 'failure.json' || path.startsWith('checkpoints/') || path.startsWith('parts/')) {
    throw new RangeError(`an output may not be called ${path}: the step store keeps its own objects there`);
  }
  return `${attemptPrefix(step, attempt)}${path}`;
}
