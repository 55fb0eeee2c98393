import { describe, expect, it } from 'vitest';
import { candidateName, candidates } from './candidates.ts';
import { rank } from './rank.ts';

describe('candidates', () => {
  it('are all singles, then all soft pairs, then all hard pairs, in the order of the plans', () => {
    expect(candidates(['2d', '3d_lowres', '3d_fullres'], ['hard', 'soft']).map(candidateName)).toEqual([
      '2d',
      '3d_lowres',
      '3d_fullres',
      '2d+3d_lowres-soft',
      '2d+3d_fullres-soft',
      '3d_lowres+3d_fullres-soft',
      '2d+3d_lowres-hard',
      '2d+3d_fullres-hard',
      '3d_lowres+3d_fullres-hard',
    ]);
  });

  it('are the configuration itself when there is only one', () => {
    expect(candidates(['2d'], ['hard'])).toEqual([{ members: ['2d'], voting: 'soft' }]);
  });

  it('have only the kinds of voting asked for', () => {
    expect(candidates(['2d', '3d_fullres'], ['hard']).map((c) => c.voting)).toEqual(['soft', 'soft', 'hard']);
  });
});

describe('rank', () => {
  const scored = (...scores: number[]) => scores.map((meanDice, place) => ({ meanDice, place }));

  it.each([
    { name: 'the highest first', scores: [0.1, 0.9, 0.5], want: [1, 2, 0] },
    { name: 'equal scores as they came', scores: [0.5, 0.9, 0.9, 0.5], want: [1, 2, 0, 3] },
    { name: 'not-a-number after a Dice of 0', scores: [Number.NaN, 0, Number.NaN, 0.2], want: [3, 1, 0, 2] },
    { name: 'any gain, however small', scores: [0.9, 0.9 + 1e-15], want: [1, 0] },
  ])('puts $name', ({ scores, want }) => {
    expect(rank(scored(...scores)).map((c) => c.place)).toEqual(want);
  });
});
