import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { argMax, highestProbabilities, joinProbabilities, meanProbabilities, type Voting } from './voting.ts';

// Two classes, three voxels: class 0 of all voxels, then class 1.
const sure = Float32Array.of(0.1, 0.5, 0.4, 0.9, 0.5, 0.6);
const unsure = Float32Array.of(0.8, 0.5, 0.7, 0.2, 0.5, 0.3);

const vote = (voting: Voting, members: readonly Float32Array[], heads: number) =>
  argMax(joinProbabilities(voting, members), heads);

describe('voting', () => {
  it('soft takes the class of the highest mean, the lowest on ties', () => {
    // Means of class 0: 0.45, 0.5, 0.55.
    expect([...vote('soft', [sure, unsure], 2)]).toEqual([1, 0, 0]);
  });

  it('hard takes the class of the single most certain member, the lowest on ties', () => {
    // Highest of class 0: 0.8, 0.5, 0.7; of class 1: 0.9, 0.5, 0.6.
    expect([...vote('hard', [sure, unsure], 2)]).toEqual([1, 0, 0]);
  });

  it('soft and hard can differ: two mild members outvote a certain one only in the mean', () => {
    const members = [Float32Array.of(0.6, 0.4), Float32Array.of(0.6, 0.4), Float32Array.of(0.35, 0.65)];
    expect([...vote('soft', members, 2)]).toEqual([0]);
    expect([...vote('hard', members, 2)]).toEqual([1]);
  });

  it('an exact tie between members for different classes goes to the lower class', () => {
    const members = [Float32Array.of(0.25, 0, 0.75), Float32Array.of(0.25, 0.75, 0)];
    expect([...vote('hard', members, 3)]).toEqual([1]);
  });

  it('means are float32 sums divided by the number of members', () => {
    const third = Float32Array.of(0.1);
    const want = Math.fround(Math.fround(Math.fround(third[0] as number) * 3) / 3);
    expect(meanProbabilities([third, third, third])[0]).toBeCloseTo(want, 7);
  });

  it('does not change the members', () => {
    const copy = Float32Array.from(sure);
    meanProbabilities([sure, unsure]);
    highestProbabilities([sure, unsure]);
    expect(sure).toEqual(copy);
  });

  it('a single member, or a member twice, votes as its own arg max', () => {
    const probabilities = fc.float32Array({ min: 0, max: 1, noNaN: true, minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(probabilities, (member) => {
        const own = argMax(member, 3);
        expect(vote('soft', [member, member], 3)).toEqual(own);
        expect(vote('hard', [member, member], 3)).toEqual(own);
        expect(vote('soft', [member], 3)).toEqual(own);
      }),
    );
  });

  it.each([
    { name: 'no member', act: () => vote('soft', [], 2), want: 'needs at least one member' },
    {
      name: 'members of different size',
      act: () => vote('hard', [sure, Float32Array.of(1)], 2),
      want: 'expected 6 probabilities, got 1',
    },
    { name: 'a part of a channel', act: () => argMax(sure, 4), want: '6 scores are not whole channels of 4 classes' },
    {
      name: 'more classes than a byte holds',
      act: () => argMax(sure, 257),
      want: 'expected 1 to 256 classes, got 257',
    },
  ])('refuses $name', ({ act, want }) => {
    expect(act).toThrow(want);
  });
});
