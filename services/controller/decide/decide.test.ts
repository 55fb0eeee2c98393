import { describe, expect, test } from 'vitest';
import {
  aFailedAttempt,
  anAttempt,
  anObservation,
  keyOf,
  LIMITS,
  NOW,
  type ObservationChanges,
  secondsAgo,
} from '#test/observation.ts';
import { aModel, aTask } from '#test/observed-task.ts';
import { type Action, decide } from './decide.ts';
import type { Observed } from './observed.ts';
import { statusOf } from './status.ts';

const PLANNED = ['ingest', 'plan'];
const PREPROCESSED = [...PLANNED, 'preprocess/2d'];
const TRAINED = [...PREPROCESSED, 'train/2d/0', 'train/2d/1'];

function said(observed: Observed, action: Action): string {
  if (action.kind === 'start') return `start ${keyOf(observed, action.attempt.step)} #${action.attempt.attempt}`;
  if (action.kind === 'apply-model') return `apply-model ${action.model.metadata.name} v${action.model.spec.version}`;
  if (action.kind === 'tidy-up') return `tidy-up ${keyOf(observed, action.step)} #${action.attempts}`;
  return `${action.kind} ${keyOf(observed, action.step)} #${action.attempt}`;
}

/** With the status that the controller would have written at its first look. */
function withStatus(observed: Observed): Observed {
  const status = statusOf({ ...observed, steps: [] }, LIMITS, secondsAgo(10_000));
  return { ...observed, task: { ...observed.task, status } };
}

const decisions = (changes: ObservationChanges) => {
  const observed = withStatus(anObservation(changes));
  return decide(observed, LIMITS, NOW).map((action) => said(observed, action));
};

const forgotten = (attempt: number) => anAttempt({ attempt, run: { kind: 'forgotten' } });
const crashed = anAttempt({ run: { kind: 'ended', exitCode: 139 } });

describe('decide', () => {
  const table: { name: string; given: ObservationChanges; want: string[] }[] = [
    { name: 'a new Task is ingested', given: {}, want: ['start ingest #1'] },
    { name: 'nothing more while it is ingested', given: { attempts: { ingest: [anAttempt()] } }, want: [] },
    { name: 'the plan is made by the controller itself', given: { done: ['ingest'] }, want: ['plan plan #1'] },
    {
      name: 'what other attempts left of a step that is done is removed',
      given: { done: PLANNED, leftBehind: { ingest: [1, 3] } },
      want: ['tidy-up ingest #1,3', 'start preprocess/2d #1'],
    },
    { name: 'cases are preprocessed once planned', given: { done: PLANNED }, want: ['start preprocess/2d #1'] },
    {
      name: 'all folds start together',
      given: { done: PREPROCESSED },
      want: ['start train/2d/0 #1', 'start train/2d/1 #1'],
    },
    {
      name: 'a fold with a checkpoint goes before one without',
      given: { done: PREPROCESSED, checkpoints: ['train/2d/1'], attempts: { 'train/2d/1': [forgotten(1)] } },
      want: ['start train/2d/1 #2', 'start train/2d/0 #1'],
    },
    {
      name: 'a fold that ended early does not wait for the other',
      given: {
        done: PREPROCESSED,
        attempts: {
          'train/2d/0': [anAttempt({ run: { kind: 'killed', by: 'unknown' } })],
          'train/2d/1': [anAttempt()],
        },
      },
      want: ['start train/2d/0 #2'],
    },
    {
      name: 'an attempt of an earlier controller is followed by the next number',
      given: { attempts: { ingest: [forgotten(7)] } },
      want: ['start ingest #8'],
    },
    { name: 'candidates are scored once all folds are trained', given: { done: TRAINED }, want: ['start ensemble #1'] },
    { name: 'then the model is published', given: { done: [...TRAINED, 'ensemble'] }, want: ['start publish #1'] },
    { name: 'a published step becomes a Model', given: { done: 'all' }, want: ['apply-model liver v1'] },
    {
      name: 'a Model of that name gets the next version',
      given: { done: 'all', model: aModel('another step', 4) },
      want: ['apply-model liver v5'],
    },
    { name: 'nothing is left when the Model is there', given: { done: 'all', model: 'of this task' }, want: [] },
    {
      name: 'a crash without a reason is written down before the next attempt',
      given: { attempts: { ingest: [crashed] } },
      want: ['record-failure ingest #1'],
    },
    {
      name: 'a step whose outputs are damaged is withdrawn before it is tried again',
      given: {
        done: PLANNED,
        damage: { 'preprocess/2d': 'other bytes' },
        attempts: { 'preprocess/2d': [forgotten(2)] },
      },
      want: ['withdraw preprocess/2d #2'],
    },
    {
      name: 'a failure is followed by a pause',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(1))] } },
      want: [],
    },
    {
      name: 'after the pause it is tried again',
      given: { attempts: { ingest: [aFailedAttempt(1, secondsAgo(6))] } },
      want: ['start ingest #2'],
    },
    {
      name: 'bad input ends the Task: nothing else starts either',
      given: { done: PREPROCESSED, attempts: { 'train/2d/0': [aFailedAttempt(1, secondsAgo(99), 42)] } },
      want: [],
    },
    { name: 'a suspended Task starts nothing', given: { done: PREPROCESSED, spec: { suspend: true } }, want: [] },
    {
      name: 'a configuration that is not planned is refused',
      given: { done: PLANNED, spec: { configurations: ['3d_lowres', '2d'] } },
      want: [],
    },
    {
      name: 'a data set out of reach is refused',
      given: { datasetFault: { code: 'DATASET_NOT_FOUND', message: 'no folder' } },
      want: [],
    },
  ];
  test.each(table)('$name', ({ given, want }) => {
    expect(decisions(given)).toEqual(want);
  });

  test('a failed Task stays failed although its failures would not count any more', () => {
    const failed = withStatus(anObservation({ attempts: { ingest: [aFailedAttempt(1, secondsAgo(9), 42)] } }));
    const status = statusOf(failed, LIMITS, NOW);
    const later = anObservation({ task: { ...failed.task, status } });
    expect(decide(later, LIMITS, NOW)).toEqual([]);
  });

  test('a worker is told where its inputs lie and where the raw data are', () => {
    const observed = withStatus(anObservation({ done: PREPROCESSED }));
    const [start] = decide(observed, LIMITS, NOW);
    if (start?.kind !== 'start') throw new Error('expected a start');
    expect(Object.keys(start.description.inputSteps).sort()).toEqual(['ingest', 'plan', 'preprocess/2d']);
    expect(start.description).toMatchObject({
      title: 'train 2d fold 0',
      datasetUri: '/data',
      task: { name: 'liver', uid: 'uid-of-liver' },
      checkpointIntervalSeconds: 180,
    });
    expect(start.attempt).toMatchObject({ program: 'worker', title: 'train 2d fold 0' });
  });

  test('a worker is told where the pretrained weights of its own training lie', () => {
    const pretrainedWeights = { '2d': 'file:///flat.pth', '3d_fullres': 'file:///deep.pth' };
    const observed = withStatus(anObservation({ done: PREPROCESSED, spec: { training: { pretrainedWeights } } }));
    const [start] = decide(observed, LIMITS, NOW);
    expect(start).toMatchObject({ kind: 'start', description: { pretrainedWeightsUri: 'file:///flat.pth' } });
  });

  test('a Task that published keeps its success when another one takes the name', () => {
    const published = anObservation({ done: 'all', model: 'of this task' });
    const status = statusOf(published, LIMITS, NOW);
    const task = aTask({ status });
    const overtaken = anObservation({ task, done: 'all', model: aModel('another step', 2) });
    expect(decide(overtaken, LIMITS, NOW)).toEqual([]);
    expect(statusOf(overtaken, LIMITS, NOW)).toEqual(status);
  });

  test('a Model that was lost is published again, above the version that the Task had given it', () => {
    const task = aTask({ status: statusOf(anObservation({ done: 'all', model: 'of this task' }), LIMITS, NOW) });
    const lost = anObservation({ task, done: 'all' });
    expect(decide(lost, LIMITS, NOW).map((action) => said(lost, action))).toEqual(['apply-model liver v2']);
  });
});
