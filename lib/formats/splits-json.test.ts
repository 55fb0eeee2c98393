import { describe, expect, it } from 'vitest';
import { formatSplits, parseSplits } from './splits-json.ts';

describe('splits_final.json', () => {
  it('uses nnU-Net’s keys', () => {
    expect(JSON.parse(formatSplits([{ training: ['b'], validation: ['a'] }]))).toEqual([{ train: ['b'], val: ['a'] }]);
  });

  it('survives the round trip', () => {
    const splits = [
      { training: ['b', 'c'], validation: ['a'] },
      { training: ['a'], validation: ['b', 'c'] },
    ];
    expect(parseSplits(formatSplits(splits))).toEqual(splits);
  });

  it('may be empty, for want of cases', () => {
    expect(parseSplits(formatSplits([]))).toEqual([]);
  });

  it.each([
    { name: 'no list', text: '{}' },
    { name: 'a fold without validation cases', text: '[{"train": ["a"]}]' },
    { name: 'a case that is no string', text: '[{"train": [1], "val": ["a"]}]' },
    { name: 'no JSON', text: 'splits' },
  ])('refuses $name', ({ text }) => {
    expect(() => parseSplits(text)).toThrow();
  });
});
