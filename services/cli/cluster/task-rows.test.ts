import { describe, expect, test } from 'vitest';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { anEpochMessage } from '#test/an-epoch.ts';
import { taskRows } from './task-rows.ts';

const NOW = new Date('2026-01-01T02:05:00Z');

const anAttempt = (title: string, state: ShownAttempt['state'], attempt = 1): ShownAttempt => ({
  ...{ title, state, attempt, step: `digest of ${title}`, pod: null, startedAt: new Date('2026-01-01T02:00:00Z') },
});

const rows = (attempts: readonly ShownAttempt[], status = aTaskStatus([])) =>
  taskRows({ task: aTaskResource({ status }), attempts, curves: [] }, NOW);

describe('taskRows', () => {
  test('tells stages always, and other conditions when something is wrong', () => {
    const status = aTaskStatus([
      ['Accepted', 'True'],
      ['Planned', 'True', 'PlansReady', 'The plans are made.'],
      ['Trained', 'False', 'InProgress', '1 of 5 steps\nare done.'],
      ['Succeeded', 'False'],
      ['Failed', 'False', 'Retrying', 'train 2d fold 0 failed.'],
      ['Suspended', 'False', 'NotSuspended'],
    ]);
    expect(rows([], status).map(({ step, state, doing }) => `${step} ${state}: ${doing}`)).toEqual([
      'Planned done: The plans are made.',
      'Trained blocked: 1 of 5 steps are done.',
      'Failed blocked: train 2d fold 0 failed.',
    ]);
  });

  test('has of each step the newest attempt', () => {
    const attempts = [
      anAttempt('ingest', { kind: 'ended', exitCode: 0 }),
      anAttempt('train 2d fold 0', { kind: 'killed', by: 'disruption' }),
      anAttempt('train 2d fold 0', { kind: 'running' }, 2),
      anAttempt('train 2d fold 1', { kind: 'pending', waitsFor: 'a machine' }),
    ];
    expect(rows(attempts).map(({ step, state, doing, elapsed }) => [step, state, doing, elapsed])).toEqual([
      ['ingest', 'done', 'done', ''],
      ['train 2d fold 0 (attempt 2)', 'running', 'running', '5m 00s'],
      ['train 2d fold 1', 'waiting', 'waits for a machine', ''],
    ]);
  });

  test('of a training says how far it is', () => {
    const attempt = anAttempt('train 2d fold 0', { kind: 'running' });
    const epochs = [anEpochMessage({ epoch: 6, epochs: 10, trainLoss: -0.5, meanPseudoDice: 0.75 })];
    const curves = [{ key: 'train/2d/0', step: attempt.step, epochs }];
    const [row] = taskRows({ task: aTaskResource(), attempts: [attempt], curves }, NOW);
    expect(row).toMatchObject({ loss: '-0.500', pseudoDice: '0.750', doing: 'epoch 7 of 10 done' });
  });

  test('has a training that is heard of without its attempt being seen', () => {
    const curves = [{ key: 'train/2d/0', step: 'digest', epochs: [anEpochMessage({ epoch: 7, epochs: 8 })] }];
    const [row] = taskRows({ task: aTaskResource(), attempts: [], curves }, NOW);
    expect(row).toMatchObject({ step: 'train 2d fold 0', state: 'done', doing: 'epoch 8 of 8 done' });
  });
});
