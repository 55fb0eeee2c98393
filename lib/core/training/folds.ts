import { BadInputError } from '#core/errors.ts';
import { MersenneTwister } from '#core/random/mersenne-twister.ts';

/** nnU-Net's seed of the cross-validation; another one would make folds that cannot be compared with its. */
const SPLIT_SEED = 12345;

/** A fold of the cross-validation, from 0; or `all`, the one training on every case, which nothing validates. */
export type FoldName = number | 'all';

/** How a Task's trainings are divided: that many folds, or one training on all cases. */
export type FoldCount = number | 'all';

/** The folds that are trained, in order. */
export const foldNames = (folds: FoldCount): FoldName[] =>
  folds === 'all' ? ['all'] : Array.from({ length: folds }, (_, fold) => fold);

/** The cases of one fold, each list ascending. */
export interface Split {
  readonly training: string[];
  readonly validation: string[];
}

/**
 * The splits of a Task's trainings, in the order of `foldNames`.
 *
 * For `all` one split, in which every case trains and is predicted afterwards: what it scores is not held out.
 *
 * @param sortedIds case ids in ascending code-unit order (plain `sort()`).
 * @throws {TooFewCasesForFoldsError} if there are fewer cases than folds.
 */
export const splitsOf = (sortedIds: readonly string[], folds: FoldCount): Split[] =>
  folds === 'all'
    ? [{ training: [...sortedIds], validation: [...sortedIds] }]
    : crossValidationSplits(sortedIds, folds);

/** There are fewer cases than folds, so a fold would have nothing to validate on. */
export class TooFewCasesForFoldsError extends BadInputError {
  readonly code = 'TOO_FEW_CASES_FOR_FOLDS';

  constructor(cases: number, folds: number) {
    super(
      `${folds} folds need at least ${folds} training cases, got ${cases}; ` +
        'add cases, set fewer folds, or train on all of them as the fold all',
    );
  }
}

/**
 * The splits of the k-fold cross-validation, as nnU-Net makes them.
 *
 * The case indices are shuffled and cut into `folds` contiguous blocks of n/k cases, the first n mod k blocks one case
 * larger. Block k validates fold k, the rest trains it: 7 cases in 5 folds validate [3,6] [0,4] [1] [5] [2].
 *
 * @param sortedIds case ids in ascending code-unit order (plain `sort()`).
 * @throws {TooFewCasesForFoldsError} if there are fewer cases than folds.
 * @see nnU-Net v2, utilities/crossval_split.py; scikit-learn's KFold with shuffle
 */
export function crossValidationSplits(sortedIds: readonly string[], folds: number, seed = SPLIT_SEED): Split[] {
  if (sortedIds.length < folds) throw new TooFewCasesForFoldsError(sortedIds.length, folds);
  const shuffled = new MersenneTwister(seed).permutation(sortedIds.length);
  const larger = sortedIds.length % folds;
  const blockSize = Math.floor(sortedIds.length / folds);
  return Array.from({ length: folds }, (_, fold) => {
    const start = fold * blockSize + Math.min(fold, larger);
    const block = new Set(shuffled.subarray(start, start + blockSize + (fold < larger ? 1 : 0)));
    return {
      training: sortedIds.filter((_, i) => !block.has(i)),
      validation: sortedIds.filter((_, i) => block.has(i)),
    };
  });
}
