import { expect, test } from 'vitest';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import { attemptTitle, attemptWords } from './attempt-words.ts';

test.each<{ state: AttemptState; want: string }>([
  { state: { kind: 'pending', waitsFor: null }, want: 'waits to begin' },
  { state: { kind: 'pending', waitsFor: 'its queue to admit it' }, want: 'waits for its queue to admit it' },
  { state: { kind: 'pending', waitsFor: 'ErrImagePull: not\n  found' }, want: 'waits for ErrImagePull: not found' },
  { state: { kind: 'running' }, want: 'running' },
  { state: { kind: 'ended', exitCode: 0 }, want: 'done' },
  { state: { kind: 'ended', exitCode: 42 }, want: 'failed: bad input' },
  { state: { kind: 'ended', exitCode: 75 }, want: 'stopped after a checkpoint' },
  { state: { kind: 'ended', exitCode: 1 }, want: 'failed with exit code 1' },
  { state: { kind: 'killed', by: 'memory' }, want: 'killed: it took more memory than it may have' },
  { state: { kind: 'killed', by: 'disruption' }, want: 'lost its machine' },
  { state: { kind: 'killed', by: 'unknown' }, want: 'killed' },
])('$state is "$want"', ({ state, want }) => {
  expect(attemptWords(state)).toBe(want);
});

test('only a repeated attempt has a number', () => {
  expect(attemptTitle({ title: 'plan', attempt: 1 })).toBe('plan');
  expect(attemptTitle({ title: 'plan', attempt: 3 })).toBe('plan (attempt 3)');
});
