import { describe, expect, test } from 'vitest';
import { anAttempt, anObservation, LIMITS, NOW, type ObservationChanges, secondsAgo } from '#test/observation.ts';
import { aTask } from '#test/observed-task.ts';
import { estimatedCompletion, secondsLeft } from './completion.ts';
import type { Observed } from './observed.ts';
import { statusOf } from './status.ts';
import { verdictOn } from './verdict.ts';
import { measuredSpeeds } from './work-speed.ts';

const PREPROCESSED = ['ingest', 'plan', 'preprocess/2d'];

/** Trainings of 100 iterations and no validation: a weight of about 100, by which each of two folds counts. */
const SPEC = { training: { epochs: 1, iterationsPerEpoch: 100, validationIterationsPerEpoch: 1 } };

const half = (changes = {}) => anAttempt({ progress: { activity: 'epoch', unitsDone: 1, unitsTotal: 2 }, ...changes });
const waiting = anAttempt({ run: { kind: 'pending', waitsFor: null } });

const training = (changes: ObservationChanges = {}) =>
  anObservation({
    spec: SPEC,
    done: PREPROCESSED,
    attempts: { 'train/2d/0': [anAttempt()], 'train/2d/1': [anAttempt()] },
    speeds: { 'train 2d': 1 },
    ...changes,
  });

const weightOf = (observed: Observed, key: string): number =>
  observed.steps.find(({ node }) => node.key === key)?.node.weight ?? 0;

const left = (observed: Observed) => secondsLeft(verdictOn(observed, LIMITS, NOW).steps, observed.speeds, NOW);

const estimate = (observed: Observed, now = NOW) =>
  estimatedCompletion(observed, verdictOn(observed, LIMITS, now), now);

/** With the time that the status said before. */
const saidBefore = (observed: Observed, estimatedCompletionTime: string): Observed => {
  const status = { ...statusOf(observed, LIMITS, secondsAgo(1000)), estimatedCompletionTime };
  return { ...observed, task: { ...observed.task, status } };
};

describe('secondsLeft', () => {
  const train = weightOf(training(), 'train/2d/0');
  const rest = weightOf(training(), 'ensemble') + weightOf(training(), 'publish');

  test.each<{ name: string; given: ObservationChanges; want: number | null }>([
    { name: 'two at once take as long as one', given: {}, want: train + rest },
    {
      name: 'two one after the other take twice as long',
      given: { attempts: { 'train/2d/0': [anAttempt()], 'train/2d/1': [waiting] } },
      want: 2 * train + rest,
    },
    {
      name: 'what running attempts report is not left',
      given: { attempts: { 'train/2d/0': [half()], 'train/2d/1': [half()] } },
      want: train / 2 + rest,
    },
    { name: 'twice as fast takes half as long', given: { speeds: { 'train 2d': 2 } }, want: (train + rest) / 2 },
    {
      name: 'work of another kind has its own speed',
      given: { speeds: { 'train 2d': 1, ensemble: 100, publish: 100 } },
      want: train + rest / 100,
    },
    { name: 'nobody knows before a training was measured', given: { speeds: { ingest: 5 } }, want: null },
    { name: 'nobody knows while nothing runs', given: { attempts: {} }, want: null },
    {
      name: 'nobody knows before the plan is made',
      given: { done: [], attempts: { ingest: [anAttempt()] }, speeds: { ingest: 1 } },
      want: null,
    },
  ])('$name', ({ given, want }) => {
    const seconds = left(training(given));
    if (want === null) expect(seconds).toBeNull();
    else expect(seconds).toBeCloseTo(want, 6);
  });
});

describe('estimatedCompletion', () => {
  test('is said in whole minutes, at the end of the minute', () => {
    expect(estimate(training())).toBe('2026-01-02T12:03:00Z');
  });

  test.each<{ name: string; speed: number; want: string }>([
    { name: 'hours away to five minutes', speed: 0.02, want: '2026-01-02T14:10:00Z' },
    { name: 'most of a day away to a quarter of an hour', speed: 0.002, want: '2026-01-03T09:45:00Z' },
    { name: 'days away to an hour', speed: 0.0002, want: '2026-01-11T12:00:00Z' },
  ])('is said of a Task $name', ({ speed, want }) => {
    expect(estimate(training({ speeds: { 'train 2d': speed } }))).toBe(want);
  });

  test.each<{ name: string; before: string; want: string | undefined; given?: ObservationChanges }>([
    { name: 'stays while it is good enough', before: '2026-01-02T12:02:00Z', want: '2026-01-02T12:02:00Z' },
    { name: 'changes once it is not', before: '2026-01-02T12:30:00Z', want: '2026-01-02T12:03:00Z' },
    { name: 'changes once it is over', before: '2026-01-02T11:59:00Z', want: '2026-01-02T12:03:00Z' },
    {
      name: 'stays while nothing runs',
      before: '2026-01-02T12:30:00Z',
      given: { attempts: {} },
      want: '2026-01-02T12:30:00Z',
    },
    {
      name: 'goes when nothing runs and it is over',
      before: '2026-01-02T11:59:00Z',
      given: { attempts: {} },
      want: undefined,
    },
    {
      name: 'goes when the Task is suspended',
      before: '2026-01-02T12:30:00Z',
      given: { spec: { ...SPEC, suspend: true } },
      want: undefined,
    },
    {
      name: 'goes when the Task is done',
      before: '2026-01-02T12:30:00Z',
      given: { done: 'all', model: 'of this task', attempts: {} },
      want: undefined,
    },
  ])('$name', ({ before, want, given }) => {
    expect(estimate(saidBefore(training(given), before))).toBe(want);
  });

  test('of another spec does not count', () => {
    const observed = saidBefore(training(), '2026-01-02T12:02:30Z');
    const metadata = { ...observed.task.metadata, generation: 2 };
    expect(estimate({ ...observed, task: { ...observed.task, metadata } })).toBe('2026-01-02T12:03:00Z');
  });

  test('hardly changes though speeds waver, and comes true', () => {
    const iterations = 100_000;
    const spec = { training: { epochs: 1, iterationsPerEpoch: iterations, validationIterationsPerEpoch: 1 } };
    const totalSeconds = 6 * 3600;
    const said: string[] = [];
    let task = aTask({ spec });
    for (let second = 0; second < totalSeconds; second += 30) {
      const now = new Date(NOW.getTime() + second * 1000);
      const progress = { activity: 'epoch', unitsDone: second, unitsTotal: totalSeconds };
      const wavering = 1 + 0.04 * Math.sin(second * 7919);
      const observed = training({
        task,
        attempts: { 'train/2d/0': [half({ progress })], 'train/2d/1': [half({ progress })] },
        speeds: { 'train 2d': (iterations / totalSeconds) * wavering, ensemble: 1000, publish: 1000 },
      });
      const status = statusOf(observed, LIMITS, now);
      task = aTask({ spec, status });
      if (status.estimatedCompletionTime !== said.at(-1)) said.push(status.estimatedCompletionTime ?? 'unknown');
    }
    expect(said.length).toBeLessThan(60);
    expect(Math.abs(Date.parse(said.at(-1) ?? '') - NOW.getTime() - totalSeconds * 1000)).toBeLessThan(180_000);
  });
});

describe('measuredSpeeds', () => {
  test('are those of the attempts that run, by kind of work; others are remembered', () => {
    const observed = training({
      attempts: {
        'train/2d/0': [anAttempt({ pace: 0.01 })],
        'train/2d/1': [
          anAttempt({ attempt: 1, run: { kind: 'ended', exitCode: 75 }, pace: 9 }),
          anAttempt({ pace: 0.03 }),
        ],
      },
    });
    const before = new Map([
      ['ingest', 4],
      ['train 2d', 1],
    ]);
    const weight = weightOf(observed, 'train/2d/0');
    const speeds = measuredSpeeds(before, observed.steps);
    expect(speeds.get('ingest')).toBe(4);
    expect(speeds.get('train 2d')).toBeCloseTo(0.02 * weight);
  });
});
