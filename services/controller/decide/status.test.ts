import { describe, expect, test } from 'vitest';
import type { ConditionType } from '#api/v1alpha1/kinds.ts';
import {
  aFailedAttempt,
  anAttempt,
  anObservation,
  LIMITS,
  NOW,
  type ObservationChanges,
  secondsAgo,
} from '#test/observation.ts';
import { aTask } from '#test/observed-task.ts';
import { retried } from './retry.ts';
import { statusOf } from './status.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];

const statusWhen = (changes: ObservationChanges) => statusOf(anObservation(changes), LIMITS, NOW);

/** `Planned=True/PlansReady`, in the order of the status. */
const said = (changes: ObservationChanges, ...types: ConditionType[]) =>
  statusWhen(changes)
    .conditions.filter(({ type }) => types.includes(type))
    .map(({ type, status, reason }) => `${type}=${status}/${reason}`);

const progressing = (unitsDone: number, unitsTotal: number) =>
  anAttempt({ progress: { activity: 'epoch 1 of 2', unitsDone, unitsTotal } });

describe('statusOf', () => {
  test('every condition is there from the start, for the generation at hand', () => {
    const { conditions, observedGeneration } = statusWhen({ task: aTask({ generation: 3 }) });
    expect(observedGeneration).toBe(3);
    expect(conditions.map(({ type }) => type)).toEqual([
      'Accepted',
      'Planned',
      'Preprocessed',
      'Trained',
      'Ensembled',
      'Published',
      'Succeeded',
      'Failed',
      'Suspended',
      'Degraded',
    ]);
    expect(new Set(conditions.map((condition) => condition.observedGeneration))).toEqual(new Set([3]));
  });

  const table: { name: string; given: ObservationChanges; types: ConditionType[]; want: string[] }[] = [
    {
      name: 'a new Task is accepted and at work',
      given: {},
      types: ['Accepted', 'Planned', 'Preprocessed', 'Succeeded', 'Failed', 'Suspended'],
      want: [
        'Accepted=True/SpecAccepted',
        'Planned=False/InProgress',
        'Preprocessed=False/Waiting',
        'Succeeded=False/InProgress',
        'Failed=False/NoFailure',
        'Suspended=False/NotSuspended',
      ],
    },
    {
      name: 'stages become true one by one',
      given: { done: PREPROCESSED },
      types: ['Planned', 'Preprocessed', 'Trained', 'Ensembled'],
      want: [
        'Planned=True/PlansReady',
        'Preprocessed=True/ArraysReady',
        'Trained=False/InProgress',
        'Ensembled=False/Waiting',
      ],
    },
    {
      name: 'a Task whose Model is out succeeded',
      given: { done: 'all', model: 'of this task' },
      types: ['Trained', 'Ensembled', 'Published', 'Succeeded', 'Failed'],
      want: [
        'Trained=True/FoldsTrained',
        'Ensembled=True/CandidatesRanked',
        'Published=True/ModelPublished',
        'Succeeded=True/ModelPublished',
        'Failed=False/NoFailure',
      ],
    },
    {
      name: 'published files without their Model are no success yet',
      given: { done: 'all' },
      types: ['Published', 'Succeeded'],
      want: ['Published=True/ModelPublished', 'Succeeded=False/InProgress'],
    },
    {
      name: 'a refused spec fails with the same reason everywhere',
      given: { done: ['ingest', 'plan'], spec: { configurations: ['3d_cascade_fullres'] } },
      types: ['Accepted', 'Succeeded', 'Failed'],
      want: [
        'Accepted=False/ConfigurationNotPlanned',
        'Succeeded=False/ConfigurationNotPlanned',
        'Failed=True/ConfigurationNotPlanned',
      ],
    },
    {
      name: 'fewer cases than folds are refused before anything is planned or preprocessed',
      given: { done: ['ingest'], spec: { folds: 11 } },
      types: ['Accepted', 'Succeeded', 'Failed'],
      want: [
        'Accepted=False/TooFewCasesForFolds',
        'Succeeded=False/TooFewCasesForFolds',
        'Failed=True/TooFewCasesForFolds',
      ],
    },
    {
      name: 'as many cases as folds are enough',
      given: { done: ['ingest'], spec: { folds: 10 } },
      types: ['Accepted', 'Failed'],
      want: ['Accepted=True/SpecAccepted', 'Failed=False/NoFailure'],
    },
    {
      name: 'fewer cases than folds are no fault where no training is asked for',
      given: { done: ['ingest'], spec: { folds: 11 }, needsTraining: false },
      types: ['Accepted', 'Failed'],
      want: ['Accepted=True/SpecAccepted', 'Failed=False/NoFailure'],
    },
    {
      name: 'a data set out of reach fails the Task',
      given: { datasetFault: { code: 'DATASET_NOT_FOUND', message: 'no such folder' } },
      types: ['Failed'],
      want: ['Failed=True/DatasetNotFound'],
    },
    {
      name: 'a suspended Task whose workers still save is stopping',
      given: { spec: { suspend: true }, attempts: { ingest: [anAttempt()] } },
      types: ['Suspended', 'Succeeded'],
      want: ['Succeeded=False/Suspended', 'Suspended=False/Stopping'],
    },
    {
      name: 'a suspended Task at rest is suspended',
      given: { spec: { suspend: true } },
      types: ['Suspended'],
      want: ['Suspended=True/SpecSuspends'],
    },
  ];
  test.each(table)('$name', ({ given, types, want }) => {
    expect(said(given, ...types)).toEqual(want);
  });

  test('a failure is told in a sentence with the step it happened in', () => {
    const first = anObservation();
    const task = aTask({ status: statusOf(first, LIMITS, secondsAgo(100)) });
    const failing = anObservation({ task, attempts: { ingest: [aFailedAttempt(1, secondsAgo(50), 42)] } });
    const failed = statusOf(failing, LIMITS, NOW).conditions.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({ status: 'True', reason: 'NoLuck', message: 'ingest: the dice fell badly.' });
  });

  test('a step that pauses says when it is tried again', () => {
    const task = aTask({ status: statusOf(anObservation(), LIMITS, secondsAgo(100)) });
    const pausing = anObservation({ task, attempts: { ingest: [aFailedAttempt(1, secondsAgo(1))] } });
    const failed = statusOf(pausing, LIMITS, NOW).conditions.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({
      status: 'False',
      reason: 'Retrying',
      message: 'ingest failed (NO_LUCK: the dice fell badly) and is tried again at 2026-01-02T12:00:04.000Z.',
    });
  });

  test('a condition keeps the time of its last change', () => {
    const status = statusOf(anObservation(), LIMITS, secondsAgo(100));
    const later = statusOf(anObservation({ task: aTask({ status }), done: ['ingest', 'plan'] }), LIMITS, NOW);
    const times = Object.fromEntries(
      later.conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    expect(times.Planned).toBe(NOW.toISOString());
    expect(times.Trained).toBe(secondsAgo(100).toISOString());
  });

  test('rows count folds, and get their Dice from the ensemble step', () => {
    expect(statusWhen({ done: [...PREPROCESSED, 'train/2d/1'] }).configurations).toEqual([
      { name: '2d', folds: 2, foldsDone: 1 },
    ]);
    const done = statusWhen({ done: 'all', model: 'of this task' });
    expect(done.configurations).toEqual([{ name: '2d', folds: 2, foldsDone: 2, meanDice: '0.750' }]);
    expect(done.best).toEqual({ members: ['2d'], voting: 'soft', dice: '0.750' });
    expect(done.model).toEqual({ name: 'liver', version: 1 });
  });

  test.each([
    { name: 'never falls', before: '42%', generation: 1, want: '42%' },
    { name: 'begins anew with a changed spec', before: '42%', generation: 2, want: '0%' },
    {
      name: 'begins anew when a Task that had succeeded is not done any more',
      before: '100%',
      generation: 1,
      want: '0%',
    },
  ])('progress $name', ({ before, generation, want }) => {
    const status = { ...statusOf(anObservation(), LIMITS, NOW), progress: before };
    expect(statusOf(anObservation({ task: aTask({ status, generation }) }), LIMITS, NOW).progress).toBe(want);
  });

  test('progress counts done steps by their weight, and what running ones report', () => {
    expect(statusWhen({}).progress).toBe('0%');
    expect(statusWhen({ done: PREPROCESSED }).progress).toBe('0%');
    const halves = { 'train/2d/0': [progressing(1, 2)], 'train/2d/1': [progressing(1, 2)] };
    expect(statusWhen({ done: PREPROCESSED, attempts: halves }).progress).toBe('50%');
    expect(statusWhen({ done: [...PREPROCESSED, 'train/2d/0', 'train/2d/1'] }).progress).toBe('99%');
    expect(statusWhen({ done: 'all', model: 'of this task' }).progress).toBe('100%');
  });
});

describe('a stage whose workers wait', () => {
  const waits = (waitsFor: string | null) => anAttempt({ run: { kind: 'pending', waitsFor } });
  const trained = (attempts: Readonly<Record<string, readonly ReturnType<typeof anAttempt>[]>>) =>
    statusWhen({ done: PREPROCESSED, attempts }).conditions.find(({ type }) => type === 'Trained')?.message;

  test('says what the first of them waits for, and how many more do', () => {
    const machine = 'a machine: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.';
    expect(trained({ 'train/2d/0': [waits(machine)], 'train/2d/1': [waits(machine)] })).toBe(
      `0 of 2 steps are done. train 2d fold 0 waits for ${machine} Others that wait: 1.`,
    );
    expect(trained({ 'train/2d/1': [waits('its queue to admit it')] })).toBe(
      '0 of 2 steps are done. train 2d fold 1 waits for its queue to admit it.',
    );
  });

  test('says no more where nobody knows what they wait for, or one runs', () => {
    expect(trained({ 'train/2d/0': [waits(null)], 'train/2d/1': [anAttempt()] })).toBe('0 of 2 steps are done.');
  });
});

describe('retried', () => {
  const failedTask = () => {
    const refused = anObservation({ datasetFault: { code: 'DATASET_NOT_FOUND', message: 'no such folder' } });
    return { ...refused.task, status: statusOf(refused, LIMITS, secondsAgo(100)) };
  };

  test('a Task that did not fail has nothing to retry', () => {
    expect(retried(aTask(), NOW)).toBeUndefined();
    expect(retried(aTask({ status: statusWhen({}) }), NOW)).toBeUndefined();
  });

  test('the failure is cleared, and failures from before do not count again', () => {
    const status = retried(failedTask(), NOW);
    const attempts = { ingest: [aFailedAttempt(1, secondsAgo(50), 42)] };
    const again = anObservation({ task: aTask({ ...(status && { status }) }), attempts });
    const failed = statusOf(again, LIMITS, NOW).conditions.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({ status: 'False', reason: 'RetryRequested', lastTransitionTime: NOW.toISOString() });
  });

  test('a changed spec clears the failure too', () => {
    const task = { ...failedTask(), metadata: { ...aTask().metadata, generation: 2 } };
    const failed = statusOf(anObservation({ task }), LIMITS, NOW).conditions.find(({ type }) => type === 'Failed');
    expect(failed).toMatchObject({ status: 'False', observedGeneration: 2 });
  });
});
