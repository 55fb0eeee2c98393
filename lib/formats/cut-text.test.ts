import { describe, expect, test } from 'vitest';
import { cut } from './cut-text.ts';

describe('cut', () => {
  test.each([
    { text: 'short', bytes: 10, want: 'short' },
    { text: 'exactly 10', bytes: 10, want: 'exactly 10' },
    { text: 'more than 10', bytes: 10, want: 'more th…' },
    { text: 'äöüäöü', bytes: 10, want: 'äöü…' },
    { text: '🙂🙂🙂', bytes: 10, want: '🙂…' },
  ])('$text to $bytes bytes is $want', ({ text, bytes, want }) => {
    expect(cut(text, bytes)).toBe(want);
    expect(Buffer.byteLength(cut(text, bytes))).toBeLessThanOrEqual(bytes);
  });
});
