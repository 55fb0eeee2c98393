import { expect, test } from 'vitest';
import type { StepSnapshot } from '../../controller/service.ts';
import { doneStep, requireTrained } from './trained-folds.ts';

const aStep = (kind: 'ingest' | 'train', title: string, state: StepSnapshot['state']) =>
  ({ kind, title, state, step: state === 'blocked' ? null : `digest of ${title}` }) as StepSnapshot;

const FIRST = aStep('train', 'train 2d fold 0', 'done');

test('trainings that are all done are given with their digests', () => {
  expect(requireTrained([FIRST], 'train them').map(({ step }) => step)).toEqual(['digest of train 2d fold 0']);
});

test('those that are missing are named, with what to do', () => {
  const trainings = [FIRST, aStep('train', 'fold 1', 'blocked'), aStep('train', 'fold 2', 'waiting')];
  expect(() => requireTrained(trainings, 'train them')).toThrow('not trained yet: fold 1, fold 2; train them');
});

test('a step is found by its kind once it is done', () => {
  expect(doneStep([FIRST, aStep('ingest', 'ingest', 'done')], 'ingest').step).toBe('digest of ingest');
  expect(() => doneStep([aStep('ingest', 'ingest', 'running')], 'ingest')).toThrow('expected step ingest to be done');
});
