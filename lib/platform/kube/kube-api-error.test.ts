import { expect, test } from 'vitest';
import { failureStatus } from './failure-status.ts';
import { isConflict, isGone, isNotFound, isTransient, KubeApiError, KubeUnreachableError } from './kube-api-error.ts';

const request = { method: 'GET', path: '/api/v1/pods' };
const refused = (status: number) => new KubeApiError(request, failureStatus('no', status));

test.each([
  { status: 400, want: false },
  { status: 403, want: false },
  { status: 404, want: false },
  { status: 409, want: false },
  { status: 410, want: false },
  { status: 422, want: false },
  { status: 429, want: true },
  { status: 500, want: true },
  { status: 503, want: true },
  { status: 504, want: true },
])('that $status passes by itself is $want', ({ status, want }) => {
  expect(isTransient(refused(status))).toBe(want);
});

test('a lost connection passes, an error of ours does not', () => {
  expect(isTransient(new KubeUnreachableError(request, { cause: new Error('ECONNREFUSED') }))).toBe(true);
  expect(isTransient(new TypeError('no function'))).toBe(false);
});

test('the statuses that mean something are told apart', () => {
  expect([404, 409, 410].map((status) => [isNotFound, isConflict, isGone].map((is) => is(refused(status))))).toEqual([
    [true, false, false],
    [false, true, false],
    [false, false, true],
  ]);
  expect(isNotFound(new Error('404'))).toBe(false);
});

test('of a request that was broken off the message says why', () => {
  const cause = new DOMException('The operation was aborted', 'AbortError');
  const aborted = Object.assign(new Error('aborted', { cause: new Error('no answer in time') }), {
    name: 'AbortError',
  });
  expect(new KubeUnreachableError(request, { cause: aborted }).message).toContain('no answer in time');
  expect(new KubeUnreachableError(request, { cause }).message).toContain('The operation was aborted');
});
