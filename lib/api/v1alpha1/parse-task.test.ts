import { describe, expect, test } from 'vitest';
import { BadInputError } from '#core/errors.ts';
import { InvalidTaskError, type TaskProblem } from './invalid-task-error.ts';
import { parseTask } from './parse-task.ts';

const head = 'apiVersion: pentafold.io/v1alpha1\nkind: Task\nmetadata: { name: phantom }\n';
const task = (spec: string): string => `${head}spec:\n  dataset: { uri: ./phantom }\n${spec}`;

function problems(yamlText: string): readonly TaskProblem[] {
  try {
    parseTask(yamlText);
  } catch (error) {
    if (error instanceof InvalidTaskError) return error.problems;
    throw error;
  }
  throw new Error('the Task should not be valid');
}

describe('parseTask', () => {
  test('fills in the defaults and looks nothing up', () => {
    const { metadata, spec } = parseTask(task(''));
    expect(metadata.name).toBe('phantom');
    expect(spec).toMatchObject({
      dataset: { uri: './phantom' },
      folds: 5,
      training: { epochs: 1000, optimizer: 'sgd', initialLearningRate: 0.01 },
      ensembling: { voting: ['soft', 'hard'] },
      suspend: false,
      deletionPolicy: 'Retain',
    });
  });

  test.each([
    {
      name: 'an unknown field',
      spec: '  training: { epoch: 3 }',
      path: 'spec.training.epoch',
      want: 'unknown field; did you mean epochs?',
    },
    {
      name: 'a field in other case',
      spec: '  planner: { overrides: { 2d: { batchsize: 2 } } }',
      path: 'spec.planner.overrides.2d.batchsize',
      want: 'unknown field; did you mean batchSize?',
    },
    {
      name: 'a field like none',
      spec: '  ensembling: { quorum: 3 }',
      path: 'spec.ensembling.quorum',
      want: 'unknown field; known here: voting',
    },
    {
      name: 'an unknown configuration',
      spec: '  planner: { overrides: { 3d_fulres: {} } }',
      path: 'spec.planner.overrides.3d_fulres',
      want: 'unknown field; did you mean 3d_fullres?',
    },
    {
      name: 'an unknown choice',
      spec: '  training: { optimizer: adam }',
      path: 'spec.training.optimizer',
      want: "expected one of sgd, adamw, got 'adam'; did you mean adamw?",
    },
    {
      name: 'an unknown entry',
      spec: '  configurations: [2d, 4d_xxxxxxxx]',
      path: 'spec.configurations[1]',
      want: "expected one of 2d, 3d_fullres, 3d_lowres, 3d_cascade_fullres, got '4d_xxxxxxxx'",
    },
    {
      name: 'text for a number',
      spec: '  training: { epochs: many }',
      path: 'spec.training.epochs',
      want: "expected a number, got 'many'",
    },
    {
      name: 'a fraction for a whole number',
      spec: '  folds: 2.5',
      path: 'spec.folds',
      want: 'expected a whole number of 2 to 20, or all, got 2.5',
    },
    {
      name: 'text for a switch',
      spec: '  suspend: no',
      path: 'spec.suspend',
      want: "expected true or false, got 'no'",
    },
    {
      name: 'one value for a list',
      spec: '  configurations: 2d',
      path: 'spec.configurations',
      want: "expected a list, got '2d'",
    },
    {
      name: 'nothing for a group',
      spec: '  training:',
      path: 'spec.training',
      want: 'expected a group of fields, got nothing',
    },
    {
      name: 'a list for a group',
      spec: '  training: [1, 2]',
      path: 'spec.training',
      want: 'expected a group of fields, got a list of 2',
    },
    {
      name: 'a group for text',
      spec: '  publish: { model: {} }',
      path: 'spec.publish.model',
      want: 'expected text, got a group of fields',
    },
    {
      name: 'too little',
      spec: '  training: { epochs: 0 }',
      path: 'spec.training.epochs',
      want: 'expected at least 1, got 0',
    },
    {
      name: 'a longer schedule that is none',
      spec: '  training: { epochs: 100, continueFrom: [50, 100] }',
      path: 'spec.training.continueFrom',
      want: 'expected ascending numbers of epochs, the last below epochs, got a list of 2',
    },
    { name: 'too much', spec: '  folds: 21', path: 'spec.folds', want: 'expected at most 20, got 21' },
    {
      name: 'the open end of a range',
      spec: '  inference: { stepFraction: 0 }',
      path: 'spec.inference.stepFraction',
      want: 'expected more than 0, got 0',
    },
    {
      name: 'too few entries',
      spec: '  configurations: []',
      path: 'spec.configurations',
      want: 'expected at least 1 entries, got a list of 0',
    },
    {
      name: 'another form',
      spec: '  planner: { gpuMemoryTarget: 8GB }',
      path: 'spec.planner.gpuMemoryTarget',
      want: "expected whole gibibytes such as 8Gi, got '8GB'",
    },
    { name: 'a missing field', spec: '  publish: {}', path: 'spec.publish.model', want: 'missing; expected text' },
  ])('says of $name what was expected and what came', ({ spec, path, want }) => {
    expect(problems(task(spec))).toEqual([{ path, line: 6, message: want }]);
  });

  test.each([
    {
      name: 'version',
      text: task('').replace('v1alpha1', 'v2'),
      path: 'apiVersion',
      want: "expected pentafold.io/v1alpha1, got 'pentafold.io/v2'",
    },
    { name: 'kind', text: task('').replace('Task', 'Job'), path: 'kind', want: "expected Task, got 'Job'" },
  ])('says that the $name is another', ({ text, path, want }) => {
    expect(problems(text)).toMatchObject([{ path, message: want }]);
  });

  test('reports all problems at once, in the order of the lines', () => {
    const text = `apiVersion: v1\nkind: Task\nmetadata: { name: A_B }\nspec:\n  folds: 1\n  fold: 3\n  dataset: {}\n`;
    expect(problems(text).map(({ path, line }) => `${path}:${line}`)).toEqual([
      'apiVersion:1',
      'metadata.name:3',
      'spec.folds:5',
      'spec.fold:6',
      'spec.dataset.uri:7',
    ]);
  });

  test('its error is bad input, and its message names every problem', () => {
    const parse = () => parseTask(task('  folds: 1\n  training: { epoch: 3 }'));
    expect(parse).toThrow(BadInputError);
    expect(parse).toThrow(
      'the Task is not valid:\n' +
        '  spec.folds (line 6): expected at least 2, got 1\n' +
        '  spec.training.epoch (line 7): unknown field; did you mean epochs?',
    );
  });

  test.each([
    { name: 'an empty file', text: '', line: 1, want: 'expected a group of fields, got nothing' },
    { name: 'a bracket left open', text: `${head}spec: [\n`, line: 5, want: 'not YAML: ' },
    { name: 'a field given twice', text: `${head}kind: Task\n`, line: 4, want: 'not YAML: Map keys must be unique' },
    {
      name: 'two documents',
      text: `${head}---\n${head}`,
      line: 4,
      want: 'expected one YAML document, got another after it',
    },
    {
      name: 'a long text',
      text: 'x'.repeat(100_000),
      line: 1,
      want: `expected a group of fields, got '${'x'.repeat(80)}…'`,
    },
    { name: 'an alias without anchor', text: 'kind: *task\n', line: 1, want: 'not YAML: Unresolved alias' },
    {
      name: 'aliases that multiply',
      text: 'a: &a [1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n',
      line: 1,
      want: 'not YAML: Excessive alias count',
    },
  ])('says of $name what is wrong with the file', ({ text, line, want }) => {
    expect(problems(text)).toEqual([{ path: '', line, message: expect.stringContaining(want) }]);
  });
});
