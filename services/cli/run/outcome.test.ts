import { expect, test } from 'vitest';
import { warningsText } from './outcome.ts';

test('every warning names its case, and those left out are counted', () => {
  const first = [{ caseId: 'liver_3', message: 'the label holds background only' }];
  expect(warningsText({ total: 3, first })).toBe(
    'warning: case liver_3: the label holds background only\nwarning: and 2 more\n',
  );
  expect(warningsText({ total: 0, first: [] })).toBe('');
});
