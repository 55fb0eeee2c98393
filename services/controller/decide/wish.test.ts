import { describe, expect, test } from 'vitest';
import { anObservation, LIMITS, NOW } from '#test/observation.ts';
import type { Observed } from './observed.ts';
import { unwanted, wishFor } from './wish.ts';

const digestIn = (observed: Observed, key: string): string => {
  const digest = observed.steps.find(({ node }) => node.key === key)?.digest;
  if (typeof digest !== 'string') throw new Error(`${key} has no digest yet`);
  return digest;
};

const ingest = digestIn(anObservation(), 'ingest');

describe('wishFor', () => {
  test.each([
    { name: 'goes on while a Task needs it', tasks: [anObservation()], want: 'go-on' },
    { name: 'yields when the Task is suspended', tasks: [anObservation({ spec: { suspend: true } })], want: 'yield' },
    {
      name: 'goes on when another Task needs it too',
      tasks: [anObservation({ spec: { suspend: true } }), anObservation()],
      want: 'go-on',
    },
    {
      name: 'yields when the Task failed',
      tasks: [anObservation({ done: ['ingest', 'plan'], spec: { configurations: ['3d_lowres'] } })],
      want: 'yield',
    },
    {
      name: 'stops when no Task knows it',
      tasks: [anObservation({ spec: { dataset: { uri: '/data', selection: { train: 5, test: 0, seed: 1 } } } })],
      want: 'stop',
    },
    {
      name: 'yields while steps cannot be named',
      tasks: [anObservation({ datasetFault: { code: 'DATASET_NOT_FOUND', message: 'no folder' } })],
      want: 'yield',
    },
  ])('a worker $name', ({ tasks, want }) => {
    expect(wishFor(ingest, tasks, LIMITS, NOW)).toBe(want);
  });
});

describe('unwanted', () => {
  const running = [
    { step: ingest, attempt: 1, state: { kind: 'killed', by: 'unknown' } },
    { step: ingest, attempt: 2, state: { kind: 'running' } },
    { step: 'of another spec', attempt: 1, state: { kind: 'pending', waitsFor: null } },
  ] as const;

  test('what runs for no Task ends at once, what a suspended one may need again ends well', () => {
    expect(unwanted(running, [anObservation({ spec: { suspend: true } })], LIMITS, NOW)).toEqual([
      { step: ingest, attempt: 2, how: 'checkpoint' },
      { step: 'of another spec', attempt: 1, how: 'now' },
    ]);
  });

  test('what is wanted is left alone', () => {
    const stops = unwanted(running, [anObservation()], LIMITS, NOW);
    expect(stops.map(({ step }) => step)).toEqual(['of another spec']);
  });
});
