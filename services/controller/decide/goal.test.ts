import { describe, expect, test } from 'vitest';
import { aFailedAttempt, anObservation, keyOf, LIMITS, NOW, secondsAgo } from '#test/observation.ts';
import { decide } from './decide.ts';
import { needsTraining, towards } from './goal.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];

/** What is begun for a goal once these steps are done. */
function begun(goal: string[], done: readonly string[] | 'all'): string[] {
  const observed = anObservation({ done });
  return towards(goal, decide(observed, LIMITS, NOW), [observed]).map((action) => {
    if (action.kind === 'apply-model') return 'publish the model';
    return keyOf(observed, action.kind === 'start' ? action.attempt.step : action.step);
  });
}

describe('towards', () => {
  test.each([
    { goal: ['plan'], done: [], want: ['ingest'] },
    { goal: ['plan'], done: ['ingest'], want: ['plan'] },
    { goal: ['plan'], done: ['ingest', 'plan'], want: [] },
    { goal: ['preprocess/'], done: ['ingest', 'plan'], want: ['preprocess/2d'] },
    { goal: ['train/2d/1'], done: ['ingest', 'plan'], want: ['preprocess/2d'] },
    { goal: ['train/2d/1'], done: PREPROCESSED, want: ['train/2d/1'] },
    { goal: ['ensemble'], done: PREPROCESSED, want: ['train/2d/0', 'train/2d/1'] },
    { goal: ['ensemble'], done: 'all' as const, want: [] },
    { goal: ['publish'], done: 'all' as const, want: ['publish the model'] },
  ])('$goal after $done begins $want', ({ goal, done, want }) => {
    expect(begun(goal, done)).toEqual(want);
  });

  test('lets a failure of a step on the way be written down', () => {
    const crashed = { ...aFailedAttempt(1, secondsAgo(1), 139), failure: null };
    const observed = anObservation({ done: PREPROCESSED, attempts: { 'train/2d/0': [crashed] } });
    const actions = towards(['train/2d/0'], decide(observed, LIMITS, NOW), [observed]);
    expect(actions.map(({ kind }) => kind)).toEqual(['record-failure']);
  });
});

describe('needsTraining', () => {
  test.each([
    { goal: ['ingest'], want: false },
    { goal: ['plan'], want: false },
    { goal: ['preprocess/'], want: false },
    { goal: ['preprocess/2d', 'train/2d/0'], want: true },
    { goal: ['ensemble'], want: true },
    { goal: ['publish'], want: true },
    { goal: null, want: true },
  ])('of $goal is $want', ({ goal, want }) => {
    expect(needsTraining(goal)).toBe(want);
  });
});
