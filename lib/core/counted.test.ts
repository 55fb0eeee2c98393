import { describe, expect, it } from 'vitest';
import { counted } from './counted.ts';

describe('counted', () => {
  it.each([
    { count: 0, want: '0 cases' },
    { count: 1, want: '1 case' },
    { count: 2, want: '2 cases' },
  ])('$want', ({ count, want }) => {
    expect(counted(count, 'case')).toBe(want);
  });
});
