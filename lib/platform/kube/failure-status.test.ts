import { expect, test } from 'vitest';
import { failureStatus } from './failure-status.ts';

test('a Status says its reason, its message and which fields', () => {
  const body = JSON.stringify({
    kind: 'Status',
    code: 422,
    reason: 'Invalid',
    message: 'Task "a" is invalid',
    details: { causes: [{ reason: 'FieldValueInvalid', field: 'spec.folds' }, { reason: 'Other' }] },
  });
  expect(failureStatus(body, 422)).toEqual({
    status: 422,
    reason: 'Invalid',
    message: 'Task "a" is invalid',
    fields: ['spec.folds'],
    retryAfterSeconds: null,
  });
});

test('the object of an ERROR event brings its own code', () => {
  expect(failureStatus('{"kind":"Status","code":410,"reason":"Expired"}', null)).toMatchObject({
    status: 410,
    reason: 'Expired',
  });
});

test('a busy server says how long to wait', () => {
  const body = '{"kind":"Status","code":429,"reason":"TooManyRequests","details":{"retryAfterSeconds":7}}';
  expect(failureStatus(body, 429).retryAfterSeconds).toBe(7);
});

test.each(['<html>Bad gateway</html>', '', '[1]', '{"kind":"Pod"}'])(
  'of %j, which is no Status, it keeps the text',
  (body) => {
    expect(failureStatus(body, 502)).toMatchObject({ status: 502, reason: '', message: body });
  },
);
