import { describe, expect, test } from 'vitest';
import type { AttemptState } from '#platform/runner/step-runner.ts';
import { aTask } from '#test/observed-task.ts';
import { changedSteps, changedTasks, type Look, NOTHING_SEEN } from './changes.ts';

const withTasks = (...tasks: Look['tasks']): Look => ({ ...NOTHING_SEEN, tasks });
const called = (name: string, generation = 1): Look['tasks'][number] => {
  const task = aTask({ generation });
  return { ...task, metadata: { ...task.metadata, name } };
};

const toBeRetried = (task: Look['tasks'][number]): Look['tasks'][number] => ({
  ...task,
  metadata: { ...task.metadata, retryRequestedAt: '2026-01-01T00:00:00Z' },
});

const withAttempts = (...attempts: readonly [step: string, attempt: number, state: AttemptState][]): Look => ({
  ...NOTHING_SEEN,
  attempts: attempts.map(([step, attempt, state]) => ({ step, attempt, state })),
});
const running: AttemptState = { kind: 'running' };

describe('changedTasks', () => {
  test.each([
    { name: 'a new one', before: withTasks(), now: withTasks(called('liver')), want: ['liver'] },
    {
      name: 'one of another spec',
      before: withTasks(called('liver')),
      now: withTasks(called('liver', 2)),
      want: ['liver'],
    },
    {
      name: 'one that somebody wants to be tried again',
      before: withTasks(called('liver')),
      now: withTasks(toBeRetried(called('liver'))),
      want: ['liver'],
    },
    { name: 'one that is gone', before: withTasks(called('liver')), now: withTasks(), want: ['liver'] },
    {
      name: 'none, for a new status alone',
      before: withTasks(called('liver')),
      now: withTasks(called('liver')),
      want: [],
    },
  ])('$name', ({ before, now, want }) => {
    expect(changedTasks(before, now)).toEqual(want);
  });
});

describe('changedSteps', () => {
  test.each([
    { name: 'a new attempt', before: withAttempts(), now: withAttempts(['a', 1, running]), want: ['a'] },
    {
      name: 'an attempt that ended, beside one that goes on',
      before: withAttempts(['a', 1, running], ['b', 1, running]),
      now: withAttempts(['a', 1, { kind: 'ended', exitCode: 0 }], ['b', 1, running]),
      want: ['a'],
    },
    {
      name: 'an attempt that waits for something else',
      before: withAttempts(['a', 1, { kind: 'pending', waitsFor: null }]),
      now: withAttempts(['a', 1, { kind: 'pending', waitsFor: 'a machine' }]),
      want: ['a'],
    },
    { name: 'a forgotten attempt', before: withAttempts(['a', 1, running]), now: withAttempts(), want: ['a'] },
    { name: 'nothing', before: withAttempts(['a', 1, running]), now: withAttempts(['a', 1, running]), want: [] },
  ])('$name', ({ before, now, want }) => {
    expect(changedSteps(before, now)).toEqual(want);
  });
});
