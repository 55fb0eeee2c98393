import { describe, expect, test } from 'vitest';
import { LONGEST_MESSAGE } from '#api/v1alpha1/kinds.ts';
import { TooFewCasesForFoldsError } from '#core/training/folds.ts';
import { CorruptObjectError } from '#steps/corrupt-object-error.ts';
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
import { outOfReach } from './degraded.ts';
import { statusOf } from './status.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];
const lost = (attempt: number) => anAttempt({ attempt, run: { kind: 'killed', by: 'unknown' } });
const live = (attempt: number) => anAttempt({ attempt });

function said(changes: ObservationChanges) {
  const { spec = {} } = changes;
  const first = statusOf(anObservation({ spec }), LIMITS, secondsAgo(1000));
  const observed = anObservation({ ...changes, task: aTask({ spec: { ...spec }, status: first }) });
  const { conditions } = statusOf(observed, LIMITS, NOW);
  const degraded = conditions.find(({ type }) => type === 'Degraded');
  return `${degraded?.status}/${degraded?.reason}: ${degraded?.message}`;
}

const NO_TROUBLE = 'False/NoTrouble: Nothing is tried again, and all that is needed is in reach.';

describe('a Task', () => {
  test.each<{ name: string; given: ObservationChanges; want: string }>([
    { name: 'at work', given: { attempts: { ingest: [live(1)] } }, want: NO_TROUBLE },
    {
      name: 'whose step failed and waits for its next try',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(1))] } },
      want: 'True/StepsFailing: ingest failed once (NO_LUCK: the dice fell badly), and is tried again.',
    },
    {
      name: 'whose step failed and runs again',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(90)), aFailedAttempt(2, secondsAgo(80)), live(3)] } },
      want: 'True/StepsFailing: ingest failed 2 times (NO_LUCK: the dice fell badly), and is tried again.',
    },
    {
      name: 'whose step was lost and runs again',
      given: { attempts: { ingest: [lost(1), live(2)] } },
      want: 'True/StepsLost: ingest was killed once without leaving a reason, and is tried again.',
    },
    {
      name: 'two of whose steps have trouble',
      given: {
        done: PREPROCESSED,
        attempts: {
          'train/2d/0': [lost(1), lost(2), live(3)],
          'train/2d/1': [aFailedAttempt(1, secondsAgo(90)), live(2)],
        },
      },
      want:
        'True/StepsFailing: train 2d fold 0 was killed 2 times without leaving a reason, and is tried again. ' +
        'Other steps in trouble: 1.',
    },
    {
      name: 'whose machine was taken away',
      given: { attempts: { ingest: [anAttempt({ run: { kind: 'killed', by: 'disruption' } }), live(2)] } },
      want: NO_TROUBLE,
    },
    {
      name: 'whose step was done in the end',
      given: { done: ['ingest'], attempts: { plan: [] } },
      want: NO_TROUBLE,
    },
    {
      name: 'that failed for good',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(1), 42)] } },
      want: NO_TROUBLE,
    },
    {
      name: 'that is suspended',
      given: { spec: { suspend: true }, attempts: { ingest: [aFailedAttempt(1, secondsAgo(90))] } },
      want: NO_TROUBLE,
    },
    {
      name: 'that failed before a retry',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(2000)), live(2)] } },
      want: NO_TROUBLE,
    },
  ])('$name', ({ given, want }) => {
    expect(said(given)).toBe(want);
  });
});

describe('a Task that cannot be looked at', () => {
  const degraded = (error: unknown, task = aTask()) =>
    outOfReach(task, error, NOW).conditions.find(({ type }) => type === 'Degraded');

  test('says which of our errors it is', () => {
    const error = new TooFewCasesForFoldsError(3, 5);
    expect(degraded(error)).toMatchObject({
      status: 'True',
      reason: 'TooFewCasesForFolds',
      message: `The Task cannot be looked at now: ${error.message}. It is tried again.`,
    });
  });

  test.each([
    { name: 'is said whole', objects: 1, wantCut: false },
    { name: 'is cut where the API server would refuse the status', objects: 1000, wantCut: true },
  ])('a message about $objects objects $name', ({ objects, wantCut }) => {
    const { message = '' } = degraded(new CorruptObjectError('manifest.json '.repeat(objects), 'ten', 'nine')) ?? {};
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(LONGEST_MESSAGE);
    expect(message.endsWith('…')).toBe(wantCut);
  });

  test('says of other errors only their kind: their text may name files of a data set', () => {
    const error = Object.assign(new Error('EACCES: /data/JohnDoe.nii.gz'), { code: 'EACCES' });
    expect(degraded(error)).toMatchObject({
      reason: 'OutOfReach',
      message: 'The Task cannot be looked at now: EACCES; the controller’s log says more. It is tried again.',
    });
  });

  test('keeps the rest of its status, and the time since when it is so', () => {
    const first = outOfReach(
      aTask({ status: statusOf(anObservation(), LIMITS, secondsAgo(500)) }),
      new Error('x'),
      secondsAgo(100),
    );
    const again = outOfReach(aTask({ status: first }), new Error('x'), NOW);
    expect(again).toEqual(first);
    expect(first.conditions.filter(({ type }) => type === 'Degraded')).toHaveLength(1);
    expect(first.conditions.find(({ type }) => type === 'Accepted')).toMatchObject({ status: 'True' });
  });

  test('is said to be well again by the next look', () => {
    const task = aTask({ status: outOfReach(aTask(), new Error('x'), secondsAgo(100)) });
    const after = statusOf(anObservation({ task }), LIMITS, NOW).conditions.find(({ type }) => type === 'Degraded');
    expect(after).toMatchObject({ status: 'False', lastTransitionTime: NOW.toISOString() });
  });
});
