import { describe, expect, test } from 'vitest';
import { anObservation, LIMITS, NOW } from '#test/observation.ts';
import { verdictOn } from './verdict.ts';
import { wishFor } from './wish.ts';

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
    { name: 'stops when no Task needs it', tasks: [], want: 'stop' },
    { name: 'yields while steps of some Task cannot be named', tasks: [], someAreUnnamed: true, want: 'yield' },
  ])('a worker $name', ({ tasks, someAreUnnamed = false, want }) => {
    const verdicts = tasks.map((observed) => verdictOn(observed, LIMITS, NOW).kind);
    expect(wishFor(verdicts, someAreUnnamed)).toBe(want);
  });
});
