import { describe, expect, test } from 'vitest';
import { RETRY_ANNOTATION, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { standingOf, stateOf } from './standing.ts';

const FAILED = aTaskStatus([
  ['Succeeded', 'False', 'TrainingDiverged'],
  ['Failed', 'True', 'TrainingDiverged'],
]);
const asked = { annotations: { [RETRY_ANNOTATION]: '2026-01-01T00:02:00Z' } };

describe('standingOf', () => {
  test.each<{ name: string; status?: TaskStatus; metadata?: object; want: string }>([
    { name: 'no status yet', want: 'working' },
    { name: 'at work', status: aTaskStatus([['Succeeded', 'False', 'InProgress']]), want: 'working' },
    { name: 'a model', status: aTaskStatus([['Succeeded', 'True']]), want: 'succeeded' },
    { name: 'a failure', status: FAILED, want: 'failed' },
    { name: 'nothing that runs', status: aTaskStatus([['Suspended', 'True']]), want: 'suspended' },
    { name: 'workers that are ending', status: aTaskStatus([['Suspended', 'False', 'Stopping']]), want: 'working' },
    {
      name: 'a success of an earlier spec',
      status: aTaskStatus([['Succeeded', 'True']]),
      metadata: { generation: 2 },
      want: 'working',
    },
    { name: 'a failure that is to be tried again', status: FAILED, metadata: asked, want: 'working' },
    {
      name: 'a failure with an annotation that asks for nothing',
      status: FAILED,
      metadata: { annotations: { [RETRY_ANNOTATION]: '' } },
      want: 'failed',
    },
    {
      name: 'a failure after it was tried again',
      status: { ...FAILED, lastRetryRequestedAt: '2026-01-01T00:02:00Z' },
      metadata: asked,
      want: 'failed',
    },
  ])('of $name: $want', ({ status, metadata, want }) => {
    expect(standingOf(aTaskResource({ ...metadata, ...(status === undefined ? {} : { status }) }))).toBe(want);
  });
});

describe('stateOf', () => {
  test('is the reason that kubectl shows, and a dash before there is one', () => {
    expect(stateOf(aTaskResource({ status: FAILED }))).toBe('TrainingDiverged');
    expect(stateOf(aTaskResource())).toBe('-');
  });
});
