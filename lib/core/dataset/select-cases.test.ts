import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectCases, TooFewCasesError } from './select-cases.ts';

const ids = Array.from({ length: 50 }, (_, i) => `case_${String(i).padStart(3, '0')}`);

describe('selectCases', () => {
  it('takes the first of the seeded permutation to train, the next to test', () => {
    // RandomState(1234).permutation(50) starts 37, 45, 6, 44, 13.
    expect(selectCases(ids, { train: 3, test: 2, seed: 1234 })).toEqual({
      training: ['case_006', 'case_037', 'case_045'],
      test: ['case_013', 'case_044'],
    });
  });

  it('never trains on a test case, and keeps both lists ascending', () => {
    const selections = fc.record({
      train: fc.integer({ min: 1, max: 25 }),
      test: fc.nat(25),
      seed: fc.nat(0xffffffff),
    });
    fc.assert(
      fc.property(selections, (selection) => {
        const { training, test } = selectCases(ids, selection);
        expect(training).toHaveLength(selection.train);
        expect(test).toHaveLength(selection.test);
        expect(new Set([...training, ...test]).size).toBe(selection.train + selection.test);
        expect(training).toEqual([...training].sort());
        expect(test).toEqual([...test].sort());
      }),
    );
  });

  it('keeps the training cases when more test cases are asked for', () => {
    const few = selectCases(ids, { train: 10, test: 0, seed: 7 });
    const many = selectCases(ids, { train: 10, test: 40, seed: 7 });
    expect(many.training).toEqual(few.training);
  });

  it('says what is missing when there are too few cases', () => {
    const select = () => selectCases(ids, { train: 45, test: 6, seed: 0 });
    expect(select).toThrow(TooFewCasesError);
    expect(select).toThrow('asks for 45 training and 6 test cases, but only 50 cases have a label');
  });
});
