import { describe, expect, test } from 'vitest';
import { RETRY_ANNOTATION, type TaskStatus } from './kinds.ts';
import { isRetryPending, retryRequest } from './retry.ts';

const status = (heard: Partial<Pick<TaskStatus, 'lastRetryRequestedAt'>> = {}): TaskStatus => ({
  ...{ observedGeneration: 1, conditions: [], progress: '0%', configurations: [] },
  ...heard,
});

describe('a retry', () => {
  test.each([
    { name: 'no annotation', asked: undefined, heard: undefined, want: false },
    { name: 'an empty annotation', asked: '', heard: undefined, want: false },
    { name: 'the first', asked: 'now', heard: undefined, want: true },
    { name: 'another one', asked: 'now', heard: 'then', want: true },
    { name: 'one that was heard', asked: 'now', heard: 'now', want: false },
    { name: 'a long one that was heard', asked: 'x'.repeat(70), heard: 'x'.repeat(64), want: false },
    { name: 'an annotation that was taken away', asked: undefined, heard: 'then', want: false },
  ])('is asked for by $name: $want', ({ asked, heard, want }) => {
    const request = retryRequest(asked === undefined ? {} : { [RETRY_ANNOTATION]: asked });
    expect(isRetryPending(request, status(heard === undefined ? {} : { lastRetryRequestedAt: heard }))).toBe(want);
  });

  test('is not asked for where there are no annotations', () => {
    expect(retryRequest(undefined)).toBeUndefined();
  });
});
