/**
 * How a step's process ends, for whoever runs it. On a cluster a pod's failure policy reads the same numbers.
 *
 * `done`: the manifest exists. `failed`: try again. `badInput`: no repetition will help, `failure.json` says why.
 * `yielded`: checkpointed and ended because it was asked to; try again later, at no cost (75 is EX_TEMPFAIL).
 */
export const EXIT_CODES = { done: 0, failed: 1, badInput: 42, yielded: 75 } as const;
