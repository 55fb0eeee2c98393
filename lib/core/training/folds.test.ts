import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crossValidationSplits, TooFewCasesForFoldsError } from './folds.ts';

const caseIds = (n: number) => Array.from({ length: n }, (_, i) => `case_${String(i).padStart(3, '0')}`);

describe('crossValidationSplits', () => {
  it.each([
    { n: 5, want: [[0], [4], [3], [1], [2]] },
    { n: 7, want: [[3, 6], [0, 4], [1], [5], [2]] },
    {
      n: 10,
      want: [
        [0, 7],
        [3, 9],
        [4, 6],
        [1, 8],
        [2, 5],
      ],
    },
  ])('validates on nnU-Net’s folds for $n cases', ({ n, want }) => {
    const ids = caseIds(n);
    const validated = crossValidationSplits(ids, 5).map(({ validation }) => validation.map((id) => ids.indexOf(id)));
    expect(validated).toEqual(want);
  });

  it('validates every case once and trains it in every other fold', () => {
    const sizes = fc
      .integer({ min: 2, max: 10 })
      .chain((folds) => fc.tuple(fc.constant(folds), fc.integer({ min: folds, max: 60 })));
    fc.assert(
      fc.property(sizes, ([folds, n]) => {
        const ids = caseIds(n);
        const splits = crossValidationSplits(ids, folds);
        expect(splits.flatMap(({ validation }) => validation).sort()).toEqual(ids);
        for (const { training, validation } of splits) expect([...training, ...validation].sort()).toEqual(ids);
      }),
    );
  });

  it('refuses more folds than cases', () => {
    expect(() => crossValidationSplits(caseIds(4), 5)).toThrow(TooFewCasesForFoldsError);
    expect(() => crossValidationSplits(caseIds(4), 5)).toThrow(
      '5 folds need at least 5 training cases, got 4; add cases, set fewer folds, or train on all of them as the fold all',
    );
  });
});
