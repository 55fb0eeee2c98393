import { describe, expect, it } from 'vitest';
import { inputCases, partOf } from './input-cases.ts';

const ids = (names: string[], channels: number) => inputCases(names, channels).cases.map(({ caseId }) => caseId);

describe('inputCases', () => {
  it('groups the channels of a case in their order, cases by name', () => {
    const names = ['b_0001.nii.gz', 'b_0000.nii.gz', 'a_0000.nii', 'a_0001.nii.gz', 'notes.txt', '._a_0000.nii.gz'];
    expect(inputCases(names, 2)).toEqual({
      cases: [
        { caseId: 'a', images: ['a_0000.nii', 'a_0001.nii.gz'], label: null },
        { caseId: 'b', images: ['b_0000.nii.gz', 'b_0001.nii.gz'], label: null },
      ],
      problems: [],
      unnumbered: false,
    });
  });

  it('takes a file without a channel number as a whole case, and says so', () => {
    expect(inputCases(['a.nii.gz'], 1)).toMatchObject({ cases: [{ caseId: 'a' }], unnumbered: true });
    expect(inputCases(['a.nii.gz'], 4)).toMatchObject({ cases: [{ caseId: 'a' }], unnumbered: true });
  });

  it('reads only the last four digits as a channel number', () => {
    expect(ids(['BRATS_001.nii.gz', 'liver_12_0000.nii.gz', 'scan_2019_0000.nii.gz'], 1)).toEqual([
      'BRATS_001',
      'liver_12',
      'scan_2019',
    ]);
  });

  it('takes a picture numbered 0000 for all channels of a model', () => {
    expect(inputCases(['a_0000.png'], 3)).toMatchObject({ cases: [{ caseId: 'a' }], problems: [], unnumbered: false });
  });

  it.each([
    {
      name: 'a lone second channel for a model of one',
      names: ['a_0001.nii.gz'],
      channels: 1,
      want: '0000, found 0001',
    },
    { name: 'a missing channel', names: ['a_0001.nii.gz'], channels: 2, want: '(0000, 0001), found 0001' },
    {
      name: 'a surplus channel',
      names: ['a_0000.nii.gz', 'a_0001.nii.gz', 'a_0002.nii.gz'],
      channels: 2,
      want: '(0000, 0001), found 0000, 0001, 0002',
    },
    {
      name: 'a second channel for a model of one',
      names: ['a_0000.nii.gz', 'a_0001.nii.gz'],
      channels: 1,
      want: '0000, found 0000, 0001',
    },
    {
      name: 'a channel that is there twice',
      names: ['a_0000.nii.gz', 'a_0000.nii'],
      channels: 1,
      want: '0000, found 0000, 0000',
    },
    {
      name: 'a case with and without a number',
      names: ['a_0000.nii.gz', 'a.nii.gz'],
      channels: 1,
      want: '0000, found a file without a number, 0000',
    },
  ])('names $name and goes on with the other cases', ({ names, channels, want }) => {
    const others = Array.from({ length: channels }, (_, i) => `z_000${i}.nii.gz`);
    const { cases, problems } = inputCases([...names, ...others], channels);
    expect(problems).toEqual([
      {
        caseId: 'a',
        message: `expected ${channels === 1 ? 'channel' : 'one file for each channel of the model'} ${want}`,
      },
    ]);
    expect(cases.map(({ caseId }) => caseId)).toEqual(['z']);
  });
});

describe('partOf', () => {
  it('parts the cases among machines, those that cannot be read too, each to one', () => {
    const names = ['a_0000.nii.gz', 'b_0000.nii.gz', 'b.nii.gz', 'c_0000.nii.gz', 'd_0000.nii.gz', 'e_0000.nii.gz'];
    const parts = [0, 1, 2].map((index) => partOf(inputCases(names, 1), { index, count: 3 }));
    expect(parts.map(({ cases }) => cases.map(({ caseId }) => caseId))).toEqual([['a', 'd'], ['e'], ['c']]);
    expect(parts.map(({ problems }) => problems.map(({ caseId }) => caseId))).toEqual([[], ['b'], []]);
  });
});
