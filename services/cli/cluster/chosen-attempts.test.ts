import { describe, expect, test } from 'vitest';
import type { ShownAttempt } from '#platform/runner/kubernetes/shown-attempts.ts';
import { chosenAttempts, nothingChosen } from './chosen-attempts.ts';

const anAttempt = (title: string, attempt: number): ShownAttempt => ({
  ...{ title, attempt, step: `digest of ${title}`, state: { kind: 'running' }, pod: null, startedAt: null },
});

const ATTEMPTS = [
  anAttempt('ingest', 1),
  anAttempt('train 2d fold 1', 1),
  anAttempt('train 2d fold 10', 1),
  anAttempt('train 2d fold 1', 2),
];

const shown = (attempts: readonly ShownAttempt[]) => attempts.map(({ title, attempt }) => `${title} #${attempt}`);

describe('chosenAttempts', () => {
  test.each([
    {
      name: 'all steps',
      step: null,
      previous: false,
      want: ['ingest #1', 'train 2d fold 1 #2', 'train 2d fold 10 #1'],
    },
    { name: 'a part of titles', step: 'Train', previous: false, want: ['train 2d fold 1 #2', 'train 2d fold 10 #1'] },
    { name: 'a whole title', step: 'train 2d fold 1', previous: false, want: ['train 2d fold 1 #2'] },
    { name: 'the attempt before', step: null, previous: true, want: ['train 2d fold 1 #1'] },
    { name: 'no such step', step: 'publish', previous: false, want: [] },
  ])('$name', ({ want, ...choice }) => {
    expect(shown(chosenAttempts(ATTEMPTS, choice))).toEqual(want);
  });
});

describe('nothingChosen', () => {
  test.each([
    {
      name: 'no attempts',
      attempts: [],
      step: null,
      previous: false,
      says: 'none began yet, or they ended too long ago',
    },
    {
      name: 'no such step',
      attempts: ATTEMPTS,
      step: 'publish',
      previous: false,
      says: 'it has ingest, train 2d fold 1, train',
    },
    { name: 'no earlier attempt', attempts: ATTEMPTS, step: 'ingest', previous: true, says: 'leave out --previous' },
  ])('$name', ({ attempts, says, ...choice }) => {
    expect(nothingChosen('liver', attempts, choice).message).toContain(says);
  });
});
