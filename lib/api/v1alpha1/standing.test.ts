import { expect, test } from 'vitest';
import { aTaskStatus } from '#test/a-task-resource.ts';
import type { TaskStatus } from './kinds.ts';
import { standingOf } from './standing.ts';

test.each<{ name: string; status?: TaskStatus; generation?: number; want: string }>([
  { name: 'without a status', want: 'working' },
  { name: 'at work', status: aTaskStatus([['Succeeded', 'False']]), want: 'working' },
  { name: 'with a model', status: aTaskStatus([['Succeeded', 'True']]), want: 'succeeded' },
  { name: 'that failed', status: aTaskStatus([['Failed', 'True']]), want: 'failed' },
  { name: 'whose workers are ending', status: aTaskStatus([['Suspended', 'False']]), want: 'working' },
  { name: 'of which nothing runs', status: aTaskStatus([['Suspended', 'True']]), want: 'suspended' },
  {
    name: 'that failed and was suspended then',
    status: aTaskStatus([
      ['Suspended', 'True'],
      ['Failed', 'True'],
    ]),
    want: 'failed',
  },
  ...(['Succeeded', 'Failed', 'Suspended'] as const).map((type) => ({
    ...{ name: `whose spec changed since it was ${type}`, status: aTaskStatus([[type, 'True']]) },
    ...{ generation: 2, want: 'working' },
  })),
])('a Task $name: $want', ({ status, generation = 1, want }) => {
  expect(standingOf({ metadata: { generation }, ...(status === undefined ? {} : { status }) })).toBe(want);
});
