import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('editDistance', () => {
  test.each([
    { a: '', b: '', want: 0 },
    { a: 'epoch', b: 'epochs', want: 1 },
    { a: 'fold', b: 'gold', want: 1 },
    { a: 'url', b: 'uri', want: 1 },
    { a: 'kitten', b: 'sitting', want: 3 },
    { a: '', b: 'abc', want: 3 },
  ])('from $a to $b is $want', ({ a, b, want }) => {
    expect(editDistance(a, b)).toBe(want);
  });

  test('is a distance: symmetric, zero only for equal names, and no detour is shorter', async () => {
    const name = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    await fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

describe('nearestName', () => {
  const known = ['epochs', 'seed', 'batchSize', 'optimizer'];
  test.each([
    { name: 'epoch', want: 'epochs' },
    { name: 'batchsize', want: 'batchSize' },
    { name: 'optimiser', want: 'optimizer' },
    { name: 'steps', want: undefined },
    { name: 'learningRate', want: undefined },
  ])('of $name is $want', ({ name, want }) => {
    expect(nearestName(name, known)).toBe(want);
  });
});
