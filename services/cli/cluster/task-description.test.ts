import { describe, expect, test } from 'vitest';
import { RETRY_ANNOTATION } from '#api/v1alpha1/kinds.ts';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { taskDescription } from './task-description.ts';

const NOW = new Date('2026-01-01T02:00:00Z');

const anAttempt = (title: string, state: ShownAttempt['state'], attempt = 1): ShownAttempt => ({
  ...{ title, state, attempt, step: title, pod: null, startedAt: null },
});

describe('taskDescription', () => {
  test('says how a Task stands and why, what was reached, and what waits', () => {
    const status = aTaskStatus(
      [
        ['Accepted', 'True', 'SpecAccepted', 'The spec can be carried out.'],
        ['Trained', 'False', 'InProgress', '3 of 10 steps are done.'],
        ['Succeeded', 'False', 'InProgress', 'The Task is at work.'],
        ['Failed', 'False', 'NoFailure', 'Nothing has failed for good.'],
      ],
      {
        estimatedCompletionTime: '2026-01-01T03:00:00Z',
        configurations: [
          { name: '2d', folds: 5, foldsDone: 5, meanDice: '0.880' },
          { name: '3d_fullres', folds: 5, foldsDone: 1 },
        ],
        best: { members: ['2d', '3d_fullres'], voting: 'soft', dice: '0.893' },
        model: { name: 'liver', version: 2 },
      },
    );
    const attempts = [
      anAttempt('train 2d fold 0', { kind: 'ended', exitCode: 0 }),
      anAttempt('train 3d_fullres fold 1', { kind: 'running' }, 2),
      anAttempt('train 3d_fullres fold 2', { kind: 'pending', waitsFor: 'a machine: 0/3 nodes are available' }),
    ];
    expect(taskDescription(aTaskResource({ status }), attempts, NOW).split('\n')).toEqual([
      'Task      liver (namespace research, 2h old)',
      'State     InProgress: The Task is at work.',
      'Progress  42%, about 1h 00m left',
      'Best      2d + 3d_fullres (soft voting), mean Dice 0.893',
      'Model     liver, version 2',
      '',
      'CONDITION       SINCE  WHY',
      'Accepted   yes  119m   The spec can be carried out.',
      'Trained    no   119m   3 of 10 steps are done.',
      'Succeeded  no   119m   The Task is at work.',
      '',
      'CONFIGURATION  FOLDS   MEAN DICE',
      '2d             5 of 5  0.880',
      '3d_fullres     1 of 5  -',
      '',
      'STEP',
      'train 3d_fullres fold 1 (attempt 2)  running',
      'train 3d_fullres fold 2              waits for a machine: 0/3 nodes are available',
      '',
    ]);
  });

  test.each([
    { name: 'no controller', task: aTaskResource(), says: 'doctor --cluster looks for the controller' },
    {
      name: 'a spec that was changed',
      task: aTaskResource({ generation: 2, status: aTaskStatus([]) }),
      says: 'Its spec was changed; the controller has not looked at that yet.',
    },
    {
      name: 'a retry on its way',
      task: aTaskResource({ annotations: { [RETRY_ANNOTATION]: 'now' }, status: aTaskStatus([]) }),
      says: 'A retry was asked for',
    },
    {
      name: 'a suspended Task',
      task: aTaskResource({ spec: { suspend: true }, status: aTaskStatus([]) }),
      says: 'bin/pentafold retry liver lets it go on',
    },
    {
      name: 'a step that is tried again',
      task: aTaskResource({ status: aTaskStatus([['Failed', 'False', 'Retrying', 'ingest failed.']]) }),
      says: 'Failed     no  119m   ingest failed.',
    },
  ])('says of $name', ({ task, says }) => {
    expect(taskDescription(task, [], NOW)).toContain(says);
  });

  test('says that attempts cannot be seen by whoever may not read them', () => {
    expect(taskDescription(aTaskResource(), null, NOW)).toContain('you may not list jobs and pods here');
  });
});
