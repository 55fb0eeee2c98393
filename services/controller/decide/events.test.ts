import { describe, expect, test } from 'vitest';
import { aFailedAttempt, anAttempt, anObservation, LIMITS, NOW, type ObservationChanges } from '#test/observation.ts';
import { aTask } from '#test/observed-task.ts';
import { decide } from './decide.ts';
import { actionEvents, attemptEvents, statusEvents } from './events.ts';
import { retried } from './retry.ts';
import { statusOf } from './status.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];
const statusWhen = (changes: ObservationChanges) => statusOf(anObservation(changes), LIMITS, NOW);
const kinds = (events: readonly { readonly type: string; readonly reason: string }[]) =>
  events.map(({ type, reason }) => `${type} ${reason}`);

describe('statusEvents', () => {
  const working = statusWhen({});
  const failed = statusWhen({ datasetFault: { code: 'DATASET_NOT_FOUND', message: 'no such folder' } });
  test.each([
    { name: 'a new Task is accepted', before: undefined, after: working, want: ['Normal SpecAccepted'] },
    { name: 'nothing new is not told', before: working, after: working, want: [] },
    {
      name: 'stages on the way are not told',
      before: working,
      after: statusWhen({ done: PREPROCESSED }),
      want: [],
    },
    {
      name: 'success',
      before: working,
      after: statusWhen({ done: 'all', model: 'of this task' }),
      want: ['Normal ModelPublished'],
    },
    { name: 'failure', before: working, after: failed, want: ['Warning DatasetNotFound'] },
    {
      name: 'a retry',
      before: failed,
      after: retried(aTask({ status: failed }), NOW) ?? failed,
      want: ['Normal RetryRequested'],
    },
    {
      name: 'a refusal',
      before: working,
      after: statusWhen({ done: ['ingest'], spec: { folds: 11 } }),
      want: ['Warning TooFewCasesForFolds', 'Warning TooFewCasesForFolds'],
    },
    {
      name: 'suspension',
      before: working,
      after: statusWhen({ spec: { suspend: true } }),
      want: ['Normal SpecSuspends'],
    },
    {
      name: 'going on after it',
      before: statusWhen({ spec: { suspend: true } }),
      after: working,
      want: ['Normal NotSuspended'],
    },
  ])('$name', ({ before, after, want }) => {
    expect(kinds(statusEvents(before, after))).toEqual(want);
  });
});

describe('attemptEvents', () => {
  const running = anObservation({ attempts: { ingest: [anAttempt()] } });
  const then = (...attempts: ReturnType<typeof anAttempt>[]) =>
    attemptEvents(running, anObservation({ attempts: { ingest: attempts } }));

  test.each([
    {
      name: 'a failure, with its reason',
      attempt: aFailedAttempt(1, NOW),
      want: ['Warning AttemptFailed: ingest, attempt 1: NO_LUCK: the dice fell badly.'],
    },
    {
      name: 'a loss',
      attempt: anAttempt({ run: { kind: 'killed', by: 'unknown' } }),
      want: ['Warning AttemptLost: ingest, attempt 1.'],
    },
    {
      name: 'an end that was asked for',
      attempt: anAttempt({ run: { kind: 'ended', exitCode: 75 } }),
      want: ['Normal AttemptYielded: ingest, attempt 1.'],
    },
    { name: 'nothing while it runs', attempt: anAttempt(), want: [] },
    {
      name: 'nothing of a crash before its reason is written down',
      attempt: anAttempt({ run: { kind: 'ended', exitCode: 139 } }),
      want: [],
    },
  ])('$name', ({ attempt, want }) => {
    expect(then(attempt).map(({ type, reason, note }) => `${type} ${reason}: ${note}`)).toEqual(want);
  });

  test('tell of a crash once its reason is written down', () => {
    const crashed = anObservation({ attempts: { ingest: [anAttempt({ run: { kind: 'ended', exitCode: 139 } })] } });
    const explained = anObservation({ attempts: { ingest: [aFailedAttempt(1, NOW, 139)] } });
    expect(kinds(attemptEvents(crashed, explained))).toEqual(['Warning AttemptFailed']);
    expect(attemptEvents(explained, explained)).toEqual([]);
  });

  test('say nothing of the past to a controller that has just begun', () => {
    expect(attemptEvents(undefined, anObservation({ attempts: { ingest: [aFailedAttempt(1, NOW)] } }))).toEqual([]);
  });
});

describe('actionEvents', () => {
  const told = (changes: ObservationChanges) =>
    actionEvents(decide(anObservation(changes), LIMITS, NOW)).map(({ reason, note }) => `${reason}: ${note}`);

  test('tell of all that is started at once together', () => {
    expect(told({ done: PREPROCESSED })).toEqual([
      'AttemptStarted: train 2d fold 0, attempt 1; train 2d fold 1, attempt 1.',
    ]);
    expect(told({ done: PREPROCESSED, spec: { folds: 10 } })).toEqual([
      'AttemptStarted: train 2d fold 0, attempt 1; train 2d fold 1, attempt 1; train 2d fold 2, attempt 1; ' +
        'train 2d fold 3, attempt 1; train 2d fold 4, attempt 1; and 5 more.',
    ]);
  });

  test('tell of another try, and of a Model', () => {
    const lost = anAttempt({ run: { kind: 'killed', by: 'unknown' } });
    expect(told({ attempts: { ingest: [lost] } })).toEqual(['AttemptRetried: ingest, attempt 2.']);
    expect(told({ done: 'all' })).toEqual(['ModelPublished: Model liver, version 1.']);
  });
});
