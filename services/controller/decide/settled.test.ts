import { describe, expect, test } from 'vitest';
import type { Condition, ConditionType } from '#api/v1alpha1/kinds.ts';
import { aTask } from '#test/observed-task.ts';
import { isSettled } from './settled.ts';

const condition = (type: ConditionType, status: 'True' | 'False', observedGeneration = 1): Condition => ({
  type,
  status,
  reason: 'Because',
  message: 'It is so.',
  lastTransitionTime: '2026-01-01T00:00:00.000Z',
  observedGeneration,
});

const taskWith = (...conditions: Condition[]) =>
  aTask({ generation: 1, status: { observedGeneration: 1, conditions, progress: '0%', configurations: [] } });

const toBeRetried = (...conditions: Condition[]) => {
  const task = taskWith(...conditions);
  return { ...task, metadata: { ...task.metadata, retryRequestedAt: '2026-01-02T00:00:00Z' } };
};

describe('isSettled', () => {
  test.each([
    { name: 'a new Task', task: aTask(), want: false },
    { name: 'one at work', task: taskWith(condition('Succeeded', 'False'), condition('Failed', 'False')), want: false },
    { name: 'one that succeeded', task: taskWith(condition('Succeeded', 'True')), want: true },
    { name: 'one that failed', task: taskWith(condition('Failed', 'True')), want: true },
    { name: 'one that failed and is to be tried again', task: toBeRetried(condition('Failed', 'True')), want: false },
    { name: 'one whose spec changed since', task: taskWith(condition('Succeeded', 'True', 0)), want: false },
  ])('$name: $want', ({ task, want }) => {
    expect(isSettled(task)).toBe(want);
  });
});
