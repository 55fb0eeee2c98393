import { expect, test } from 'vitest';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { taskTable, timeLeft } from './task-table.ts';

const NOW = new Date('2026-01-03T00:00:00Z');

test('has a line a Task under the columns of kubectl, with time left instead of a time', () => {
  const trained = aTaskStatus([['Succeeded', 'False', 'InProgress']], {
    estimatedCompletionTime: '2026-01-03T03:20:00Z',
    best: { members: ['2d'], voting: 'soft', dice: '0.893' },
  });
  const tasks = [aTaskResource({ status: trained }), aTaskResource({ name: 'brain-of-newborns' })];
  expect(taskTable(tasks, NOW).split('\n')).toEqual([
    'NAME               STATE       PROGRESS  BEST-DICE  ETA     AGE',
    'liver              InProgress  42%       0.893      3h 20m  2d',
    'brain-of-newborns  -           -         -          -       2d',
    '',
  ]);
});

test('an estimate that is over says nothing', () => {
  const status = aTaskStatus([], { estimatedCompletionTime: '2026-01-02T23:59:59Z' });
  expect(timeLeft(aTaskResource({ status }), NOW)).toBeNull();
});
