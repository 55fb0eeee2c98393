import { BadInputError } from '#core/errors.ts';
import { MersenneTwister } from '#core/random/mersenne-twister.ts';

/** How many labelled cases to use, and the seed that says which. */
export interface CaseSelection {
  readonly train: number;
  readonly test: number;
  readonly seed: number;
}

/** A selection asks for more labelled cases than the data set has. */
export class TooFewCasesError extends BadInputError {
  readonly code = 'TOO_FEW_CASES';
}

/**
 * A seeded choice of cases to train on and of others to keep out.
 *
 * The cases, in ascending order, are permuted with the seed; the first `train` are trained on, the next `test` kept out.
 * So raising `test` leaves the training cases as they are. Each list comes back ascending.
 *
 * @throws {TooFewCasesError} if `train + test` exceeds the number of cases.
 */
export function selectCases(
  sortedIds: readonly string[],
  { train, test, seed }: CaseSelection,
): { training: string[]; test: string[] } {
  if (train + test > sortedIds.length) {
    throw new TooFewCasesError(
      `the selection asks for ${train} training and ${test} test cases, but only ${sortedIds.length} cases have a ` +
        'label; lower train or test',
    );
  }
  const drawn = Array.from(new MersenneTwister(seed).permutation(sortedIds.length));
  const ascending = (indices: number[]) => indices.sort((a, b) => a - b).map((i) => sortedIds[i] as string);
  return { training: ascending(drawn.slice(0, train)), test: ascending(drawn.slice(train, train + test)) };
}
