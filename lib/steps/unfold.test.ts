import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Task } from '#api/v1alpha1/kinds.ts';
import type { Precision } from '#core/training/precision.ts';
import { aTask } from '#test/a-task.ts';
import { unplannedWeight } from './forecast.ts';
import type { Manifest } from './manifest.ts';
import { trainNodes } from './node-plans.ts';
import type { PlannedConfiguration } from './results.ts';
import { type Json, stepDigest } from './step.ts';
import { chosenConfigurations, type StepNode, unfold } from './unfold.ts';

const CONFIGURATIONS = ['2d', '3d_fullres'];
const PLANNED = CONFIGURATIONS.map((name) => ({ name, arraysOf: name, previousStage: null, trainingBytes: 0 }));

/** What a step of each key would have made. */
function resultOf(key: string): Json {
  if (key === 'ingest') return { trainingCases: 20, warnings: { total: 0, first: [] } };
  if (key === 'plan') return { configurations: PLANNED, caseBytes: 0 };
  return { of: key };
}

function manifestOf(node: StepNode): Manifest {
  if (node.identity === null) throw new Error(`${node.key} cannot have been carried out: its identity is not known`);
  const step = stepDigest(node.identity);
  // Other inputs, other contents.
  const outputs = { out: { sha256: step, bytes: 1 } };
  return { step, attempt: 1, outputs, result: resultOf(node.key) };
}

/** Carries steps out, up to and with `last`, as a controller would. */
function unfoldUpTo(last: string | null, task: Task = aTask({ folds: 2 }), revision = 'r1'): StepNode[] {
  const manifests = new Map<string, Manifest>();
  for (;;) {
    const nodes = unfold(task, { revision, manifests, pretrainedWeights: new Map() });
    const next = nodes.find(({ key, identity }) => identity !== null && !manifests.has(key));
    if (next === undefined || last === null || manifests.has(last)) return nodes;
    manifests.set(next.key, manifestOf(next));
  }
}

const digests = (task: Task, revision = 'r1'): Record<string, string> =>
  Object.fromEntries(
    unfoldUpTo('publish', task, revision).map(({ key, identity }) => [
      key,
      identity === null ? '' : stepDigest(identity),
    ]),
  );

const knownKeys = (nodes: StepNode[]) => nodes.filter(({ identity }) => identity !== null).map(({ key }) => key);

describe('unfold', () => {
  test('shows only ingest and plan before the plan is made', () => {
    expect(unfoldUpTo(null).map(({ key }) => key)).toEqual(['ingest', 'plan']);
    expect(unfoldUpTo('ingest').map(({ key }) => key)).toEqual(['ingest', 'plan']);
  });

  test('shows every step once the plan is made, each after those it needs', () => {
    const nodes = unfoldUpTo('plan');
    expect(nodes.map(({ key }) => key)).toEqual([
      'ingest',
      'plan',
      'preprocess/2d',
      'preprocess/3d_fullres',
      'train/2d/0',
      'train/2d/1',
      'train/3d_fullres/0',
      'train/3d_fullres/1',
      'ensemble',
      'publish',
    ]);
    const position = new Map(nodes.map(({ key }, i) => [key, i]));
    for (const [i, { needs }] of nodes.entries()) {
      expect(needs.every((key) => (position.get(key) ?? Number.POSITIVE_INFINITY) < i)).toBe(true);
    }
  });

  test.each([
    { last: null, want: ['ingest'] },
    { last: 'ingest', want: ['ingest', 'plan'] },
    { last: 'plan', want: ['ingest', 'plan', 'preprocess/2d', 'preprocess/3d_fullres'] },
    {
      last: 'preprocess/2d',
      want: ['ingest', 'plan', 'preprocess/2d', 'preprocess/3d_fullres', 'train/2d/0', 'train/2d/1'],
    },
  ])('knows the identities of what can begin after $last', ({ last, want }) => {
    expect(knownKeys(unfoldUpTo(last))).toEqual(want);
  });

  test('knows the ensemble only after every fold, and the publication only after the ensemble', () => {
    expect(knownKeys(unfoldUpTo('train/3d_fullres/0'))).not.toContain('ensemble');
    expect(knownKeys(unfoldUpTo('train/3d_fullres/1'))).toContain('ensemble');
    expect(knownKeys(unfoldUpTo('train/3d_fullres/1'))).not.toContain('publish');
    expect(knownKeys(unfoldUpTo('ensemble'))).toContain('publish');
  });

  test('says which steps a node’s inputs come from', () => {
    const nodes = unfoldUpTo('preprocess/2d');
    expect(nodes[0]?.inputSteps).toEqual({});
    const train = nodes.find(({ key }) => key === 'train/2d/0');
    const preprocess = nodes.find(({ key }) => key === 'preprocess/2d');
    expect(Object.keys(train?.inputSteps ?? {})).toEqual(['ingest', 'plan', 'preprocess/2d']);
    expect(train?.inputSteps['preprocess/2d']).toBe(preprocess?.identity && stepDigest(preprocess.identity));
  });

  test('a train step has the options that affect its result, and nothing else', () => {
    const task = aTask({ folds: 2, training: { engine: 'tfjs', seed: 7 }, workers: { threads: 3 } });
    const train = unfoldUpTo('preprocess/2d', task).find(({ key }) => key === 'train/2d/1');
    expect(train?.identity?.options).toEqual({
      configuration: '2d',
      fold: 1,
      epochs: 1000,
      continuesFrom: null,
      pretrainedWeights: null,
      iterationsPerEpoch: 250,
      validationIterationsPerEpoch: 50,
      seed: 7,
      optimizer: 'sgd',
      initialLearningRate: 0.01,
      oversampleForeground: 0.33,
      augmentation: 'v2',
      stepFraction: 0.5,
      mirroring: true,
    });
    expect(train?.identity?.numerics).toEqual({ engine: 'tfjs', dtype: 'float32', threads: 3 });
  });

  test('another precision is another training, of the same arrays', () => {
    const nodesIn = (precision: Precision) => unfoldUpTo('preprocess/2d', aTask({ folds: 2, training: { precision } }));
    const identityOf = (key: string, precision: Precision) =>
      nodesIn(precision).find((node) => node.key === key)?.identity;
    const [single, reduced] = [identityOf('train/2d/1', 'float32'), identityOf('train/2d/1', 'bfloat16')];
    expect(single).toBeDefined();
    expect(reduced).toEqual({ ...single, numerics: { ...single?.numerics, dtype: 'bfloat16' } });
    expect(identityOf('preprocess/2d', 'bfloat16')).toEqual(identityOf('preprocess/2d', 'float32'));
  });

  test('the digests do not depend on the order of the spec’s keys', async () => {
    const spec = {
      folds: 2,
      planner: { name: 'default', gpuMemoryTarget: '8Gi', overrides: { '2d': { batchSize: 4, patchSize: [32, 32] } } },
      training: { epochs: 3, seed: 1, optimizer: 'adamw', initialLearningRate: 0.003 },
      ensembling: { voting: ['soft'] },
    };
    const want = digests(aTask(spec));
    await fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (randoms) => {
        expect(digests(aTask(shuffledKeys(spec, randoms) as object))).toEqual(want);
      }),
      { numRuns: 25 },
    );
  });

  test('configurations and votings count as sets', () => {
    const one = digests(aTask({ configurations: ['2d', '3d_fullres'], ensembling: { voting: ['soft', 'hard'] } }));
    const same = { configurations: ['3d_fullres', '2d', '2d'], ensembling: { voting: ['hard', 'soft'] } };
    expect(digests(aTask(same))).toEqual(one);
  });

  const all = Object.keys(digests(aTask({ folds: 2 })));
  const trains = all.filter((key) => key.startsWith('train/'));
  test.each([
    { name: 'resources', spec: { workers: { parallel: 9 } }, changed: [] },
    { name: 'suspend', spec: { suspend: true }, changed: [] },
    { name: 'the checkpoint interval', spec: { training: { checkpointIntervalSeconds: 1 } }, changed: [] },
    { name: 'the path of the same data', spec: { dataset: { uri: '/elsewhere' } }, changed: [] },
    { name: 'the name of the model', spec: { publish: { model: 'other' } }, changed: ['publish'] },
    { name: 'the voting', spec: { ensembling: { voting: ['soft'] } }, changed: ['ensemble', 'publish'] },
    { name: 'the seed', spec: { training: { seed: 1 } }, changed: [...trains, 'ensemble', 'publish'] },
    { name: 'threads', spec: { workers: { threads: 2 } }, changed: [...trains, 'ensemble', 'publish'] },
  ])('a change of $name changes the digests of $changed', ({ spec, changed }) => {
    const before = digests(aTask({ folds: 2 }));
    const after = digests(aTask({ folds: 2, ...spec }));
    expect(all.filter((key) => before[key] !== after[key])).toEqual(changed);
  });

  test('a further configuration changes only what looks at all of them', () => {
    const one = digests(aTask({ folds: 2, configurations: ['2d'] }));
    const two = digests(aTask({ folds: 2, configurations: ['2d', '3d_fullres'] }));
    expect(Object.keys(one).filter((key) => one[key] !== two[key])).toEqual(['ensemble', 'publish']);
  });

  test('another state of the data set changes the digest of ingest', () => {
    const task = aTask({ folds: 2 });
    expect(digests(task, 'r2').ingest).not.toBe(digests(task, 'r1').ingest);
  });

  test('a plan manifest without configurations is refused', () => {
    const [ingest, plan] = unfoldUpTo('ingest');
    if (ingest === undefined || plan === undefined) throw new Error('ingest and plan are always there');
    const manifests = new Map([
      ['ingest', manifestOf(ingest)],
      ['plan', { ...manifestOf(plan), result: {} }],
    ]);
    expect(() => unfold(aTask(), { revision: 'r1', manifests, pretrainedWeights: new Map() })).toThrow(
      'configurations',
    );
  });
});

describe('chosenConfigurations', () => {
  const planned = [
    { name: '2d', arraysOf: '2d', previousStage: null, trainingBytes: 0 },
    { name: '3d_lowres', arraysOf: '3d_lowres', previousStage: null, trainingBytes: 0 },
    { name: '3d_fullres', arraysOf: '3d_fullres', previousStage: null, trainingBytes: 0 },
    { name: '3d_cascade_fullres', arraysOf: '3d_fullres', previousStage: '3d_lowres', trainingBytes: 0 },
  ];
  test.each([
    { wanted: undefined, want: ['2d', '3d_lowres', '3d_fullres', '3d_cascade_fullres'], missing: [] },
    { wanted: ['3d_fullres', '2d'], want: ['2d', '3d_fullres'], missing: [] },
    { wanted: ['3d_cascade_fullres'], want: ['3d_lowres', '3d_cascade_fullres'], missing: [] },
    { wanted: ['2d', '4d'], want: ['2d'], missing: ['4d'] },
  ])('of $wanted are $want', ({ wanted, want, missing }) => {
    const choice = chosenConfigurations(wanted, planned);
    expect(choice.chosen.map(({ name }) => name)).toEqual(want);
    expect(choice.missing).toEqual(missing);
  });

  test('a second stage reads the arrays it shares, and waits for every fold of the first', () => {
    const task = aTask({ folds: 2 });
    const configuration = planned[3] as PlannedConfiguration;
    const [node] = trainNodes(task, { configuration, fold: 1, validationCases: 10, pretrainedWeights: null });
    expect(node?.needs).toEqual(['ingest', 'plan', 'preprocess/3d_fullres', 'train/3d_lowres/0', 'train/3d_lowres/1']);
  });
});

describe('a Task that goes on from shorter schedules', () => {
  const longer = (continueFrom: readonly number[], epochs: number) =>
    aTask({ folds: 2, configurations: ['2d'], training: { epochs, continueFrom } });

  test('has a training per schedule, each an input of the next', () => {
    const nodes = unfoldUpTo('publish', longer([100, 200], 400)).filter(({ kind }) => kind === 'train');
    expect(nodes.map(({ key }) => key).slice(0, 3)).toEqual([
      'train/2d/0/until/100',
      'train/2d/0/until/200',
      'train/2d/0',
    ]);
    expect(nodes.map(({ needs }) => needs.slice(3)).slice(0, 3)).toEqual([
      [],
      ['train/2d/0/until/100'],
      ['train/2d/0/until/200'],
    ]);
    expect(nodes.map(({ fold }) => fold)).toEqual([null, null, 0, null, null, 1]);
    const options = nodes.map(({ identity }) => identity?.options as { epochs: number; continuesFrom: number | null });
    expect(options.map(({ epochs, continuesFrom }) => [epochs, continuesFrom]).slice(0, 3)).toEqual([
      [100, null],
      [200, 100],
      [400, 200],
    ]);
  });

  test('finds what was trained by the shorter one, and is another training than one from the start', () => {
    const short = digests(longer([], 100));
    const long = digests(longer([100], 200));
    expect(long['train/2d/0/until/100']).toBe(short['train/2d/0']);
    expect(long['train/2d/0']).not.toBe(digests(longer([], 200))['train/2d/0']);
  });

  test('counts as the work that is left after the shorter one', () => {
    const weights = unfoldUpTo('plan', longer([300], 400)).filter(({ kind }) => kind === 'train');
    const whole = unfoldUpTo('plan', longer([], 400)).find(({ kind }) => kind === 'train');
    const [first, second] = weights.map(({ weight }) => weight);
    expect(first).toBeGreaterThan(2 * (second ?? 0));
    expect((first ?? 0) + (second ?? 0)).toBeLessThan(1.01 * (whole?.weight ?? 0));
  });
});

describe('pretrained weights', () => {
  const known = (digest: string, training: object = {}) => {
    const task = aTask({ folds: 2, training });
    const manifests = new Map<string, Manifest>();
    for (const node of unfoldUpTo('plan', task).slice(0, 2)) manifests.set(node.key, manifestOf(node));
    const preprocessed = unfold(task, { revision: 'r1', manifests, pretrainedWeights: new Map() }).filter(
      ({ kind }) => kind === 'preprocess',
    );
    for (const node of preprocessed) manifests.set(node.key, manifestOf(node));
    const nodes = unfold(task, { revision: 'r1', manifests, pretrainedWeights: new Map([['2d', digest]]) });
    return (key: string) => nodes.find((node) => node.key === key);
  };

  test('are part of a training by their digest, not by the place that they came from', () => {
    const here = known('d1', { pretrainedWeights: { '2d': 'file:///here' } })('train/2d/0');
    const there = known('d1', { pretrainedWeights: { '2d': 'file:///there' } })('train/2d/0');
    expect(here?.identity?.options).toMatchObject({ pretrainedWeights: 'd1' });
    expect(there?.identity).toEqual(here?.identity);
    expect([here?.pretrainedWeightsUri, there?.pretrainedWeightsUri]).toEqual(['file:///here', 'file:///there']);
    expect(known('d2')('train/2d/0')?.identity).not.toEqual(here?.identity);
  });

  test('change nothing of other configurations', () => {
    const other = known('d1', { pretrainedWeights: { '2d': 'file:///here' } })('train/3d_fullres/0');
    expect(other?.identity?.options).toMatchObject({ pretrainedWeights: null });
    expect(other?.pretrainedWeightsUri).toBeNull();
  });

  test('are those of the first schedule where there are several', () => {
    const of = known('d1', { epochs: 20, continueFrom: [10], pretrainedWeights: { '2d': 'file:///here' } });
    expect(of('train/2d/0/until/10')?.identity?.options).toMatchObject({ pretrainedWeights: 'd1' });
    expect(of('train/2d/0/until/10')?.pretrainedWeightsUri).toBe('file:///here');
    expect(of('train/2d/0')?.pretrainedWeightsUri).toBeNull();
  });
});

describe('a Task without folds', () => {
  test('trains each configuration once, on all cases', () => {
    const nodes = unfoldUpTo('plan', aTask({ folds: 'all' }));
    expect(nodes.flatMap(({ key, kind }) => (kind === 'train' ? [key] : []))).toEqual([
      'train/2d/all',
      'train/3d_fullres/all',
    ]);
    expect(nodes.find(({ key }) => key === 'train/2d/all')?.title).toBe('train 2d fold all');
  });
});

describe('the forecast', () => {
  test('puts nearly all the work of long schedules into training', () => {
    const nodes = unfoldUpTo('plan');
    const weight = (wanted: (node: StepNode) => boolean) =>
      nodes.filter(wanted).reduce((sum, node) => sum + node.weight, 0);
    expect(weight(({ kind }) => kind === 'train') / weight(() => true)).toBeGreaterThan(0.99);
  });

  test('before the plan is near what it is afterwards', () => {
    const task = aTask({ folds: 2, configurations: CONFIGURATIONS });
    const shown = unfoldUpTo('plan', task)
      .filter(({ kind }) => kind !== 'ingest' && kind !== 'plan')
      .reduce((sum, { weight }) => sum + weight, 0);
    expect(unplannedWeight(task.spec) / shown).toBeGreaterThan(0.95);
    expect(unplannedWeight(task.spec) / shown).toBeLessThanOrEqual(1);
  });
});

/** The same value with the keys of every object in another order. */
function shuffledKeys(value: unknown, randoms: Iterator<number>): unknown {
  if (Array.isArray(value)) return value.map((one) => shuffledKeys(one, randoms));
  if (typeof value !== 'object' || value === null) return value;
  const keyed = Object.entries(value).map(([key, inner]) => ({ key, inner, at: Number(randoms.next().value) }));
  keyed.sort((a, b) => a.at - b.at);
  return Object.fromEntries(keyed.map(({ key, inner }) => [key, shuffledKeys(inner, randoms)]));
}
