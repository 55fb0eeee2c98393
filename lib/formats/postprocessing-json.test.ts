import { describe, expect, it } from 'vitest';
import { summarize } from '#core/evaluation/summary.ts';
import { formatPostprocessing } from '#core/postprocessing/postprocessing-json.ts';
import { parsePostprocessing } from './postprocessing-json.ts';

// A label that occurs nowhere: its means are NaN.
const empty = summarize([1], []);
const rules = [{ keepLargestOf: [1, 2] }, { keepLargestOf: 1 }];
const written = formatPostprocessing({ rules, trials: [], before: empty, after: empty });

const changed = (change: (json: Record<string, unknown>) => void): string => {
  const json = JSON.parse(written.replaceAll('NaN', 'null'));
  change(json);
  return JSON.stringify(json);
};

describe('parsePostprocessing', () => {
  it('reads back the rules in order, with means that are NaN', () => {
    expect(written).toContain('NaN');
    expect(parsePostprocessing(written)).toEqual(rules);
  });

  it.each([
    { name: 'another function', text: changed((json) => Object.assign(json, { postprocessing_fns: ['x', 'y'] })) },
    { name: 'fewer functions', text: changed((json) => (json.postprocessing_fns as string[]).pop()) },
    {
      name: 'the background',
      text: changed((json) => Object.assign(json, { postprocessing_kwargs: [{ labels_or_regions: 0 }] })),
    },
    { name: 'an unknown key', text: changed((json) => Object.assign(json, { more: 1 })) },
    { name: 'a missing key', text: changed((json) => delete json.postprocessing_kwargs) },
    { name: 'no JSON', text: '{' },
  ])('refuses $name', ({ text }) => {
    expect(() => parsePostprocessing(text)).toThrow();
  });
});
