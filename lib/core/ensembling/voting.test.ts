import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelMap } from '#core/dataset/label-map.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { joinProbabilities, type Voting } from './voting.ts';

// Two classes, three voxels: class 0 of all voxels, then class 1.
const sure = Float32Array.of(0.1, 0.5, 0.4, 0.9, 0.5, 0.6);
const unsure = Float32Array.of(0.8, 0.5, 0.7, 0.2, 0.5, 0.3);

const classes = (heads: number) =>
  labelScheme({
    labels: Array.from({ length: heads }, (_, value) => ({ name: value ? `${value}` : 'background', value })),
  });
const region = labelScheme({
  labels: [
    { name: 'background', value: 0 },
    { name: 'all', value: [1, 2] },
  ],
  regionsClassOrder: [1],
});

const vote = (voting: Voting, members: Float32Array[], labels = classes(2)): number[] => [
  ...labelMap(joinProbabilities(voting, members, labels), labels),
];

describe('voting', () => {
  it('soft takes the class of the highest mean, the lowest on ties', () => {
    // Means of class 0: 0.45, 0.5, 0.55.
    expect(vote('soft', [sure, unsure])).toEqual([1, 0, 0]);
  });

  it('hard takes the class of the single most certain member, the lowest on ties', () => {
    // Highest of class 0: 0.8, 0.5, 0.7; of class 1: 0.9, 0.5, 0.6.
    expect(vote('hard', [sure, unsure])).toEqual([1, 0, 0]);
  });

  it('soft and hard can differ: two mild members outvote a certain one only in the mean', () => {
    const members = [Float32Array.of(0.6, 0.4), Float32Array.of(0.6, 0.4), Float32Array.of(0.35, 0.65)];
    expect(vote('soft', members)).toEqual([0]);
    expect(vote('hard', members)).toEqual([1]);
  });

  it('an exact tie between members for different classes goes to the lower class', () => {
    const members = [Float32Array.of(0.25, 0, 0.75), Float32Array.of(0.25, 0.75, 0)];
    expect(vote('hard', members, classes(3))).toEqual([1]);
  });

  it.each([
    { name: 'surely no outvotes a mild yes', members: [0.1, 0.7], hard: 0, soft: 0 },
    { name: 'surely yes outvotes two mild noes in a hard vote only', members: [0.9, 0.2, 0.2], hard: 1, soft: 0 },
    { name: 'equally sure of yes and no is background', members: [0.75, 0.25], hard: 0, soft: 0 },
    { name: 'equally sure of no and yes is background', members: [0.25, 0.75], hard: 0, soft: 0 },
    { name: 'all at one half is background', members: [0.5, 0.5], hard: 0, soft: 0 },
    { name: 'both for yes', members: [0.6, 0.7], hard: 1, soft: 1 },
  ])('of regions: $name', ({ members, hard, soft }) => {
    const probabilities = members.map((probability) => Float32Array.of(probability));
    expect(vote('hard', probabilities, region)).toEqual([hard]);
    expect(vote('soft', probabilities, region)).toEqual([soft]);
  });

  it('of regions does not depend on the order of the members', () => {
    const members = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(members, (eighths) => {
        const probabilities = eighths.map((n) => Float32Array.of(n / 8));
        const turned = probabilities.toReversed();
        expect(vote('hard', probabilities, region)).toEqual(vote('hard', turned, region));
      }),
    );
  });

  it('means are float32 sums divided by the number of members', () => {
    const third = Float32Array.of(0.1);
    const want = Math.fround(Math.fround(Math.fround(third[0] as number) * 3) / 3);
    expect(joinProbabilities('soft', [third, third, third], classes(1))[0]).toBeCloseTo(want, 7);
  });

  it('does not change the members', () => {
    const copy = Float32Array.from(sure);
    vote('soft', [sure, unsure]);
    vote('hard', [sure, unsure]);
    expect(sure).toEqual(copy);
  });

  it('a single member, or a member twice, votes as its own label map', () => {
    const probabilities = fc.float32Array({ min: 0, max: 1, noNaN: true, minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(probabilities, (member) => {
        for (const labels of [classes(3), region]) {
          const own = [...labelMap(member, labels)];
          expect(vote('soft', [member, member], labels)).toEqual(own);
          expect(vote('hard', [member, member], labels)).toEqual(own);
          expect(vote('soft', [member], labels)).toEqual(own);
        }
      }),
    );
  });

  it.each([
    { name: 'no member', members: [], want: 'needs at least one member' },
    { name: 'members of different size', members: [sure, Float32Array.of(1)], want: 'expected 6 probabilities, got 1' },
  ])('refuses $name', ({ members, want }) => {
    expect(() => joinProbabilities('hard', members, classes(2))).toThrow(want);
  });
});
