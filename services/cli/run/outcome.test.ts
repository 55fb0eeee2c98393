import { expect, it, test } from 'vitest';
import type { Candidate } from '#api/v1alpha1/kinds.ts';
import { aModel, aTask } from '#test/observed-task.ts';
import { type Outcome, outcomeText, warningsText } from './outcome.ts';

const candidate = (member: string, meanDice: number | null): Candidate => ({
  members: [member],
  voting: 'soft',
  meanDice,
});

/** Of a Task that published version 2, as the name held `modelBefore`. */
const published = (modelBefore: Outcome['modelBefore']): Outcome => ({
  snapshot: {
    task: aTask({
      status: {
        observedGeneration: 1,
        progress: '100%',
        conditions: [],
        configurations: [],
        model: { name: 'liver', version: 2 },
      },
    }),
    verdict: 'succeeded',
    goal: 'reached',
    doneShare: 1,
    steps: [],
    ranking: [candidate('2d', 0.1764)],
    warnings: { total: 0, first: [] },
  },
  interrupted: false,
  taskFolder: 'home/tasks/liver',
  modelFolder: 'home/models/liver',
  modelBefore,
  logs: [],
  homeArgument: '',
});

const before = (version: number, best: Candidate) => {
  const model = aModel('step', version);
  return { ...model, spec: { ...model.spec, best } };
};

it.each([
  {
    name: 'a better model than the new one',
    modelBefore: before(1, candidate('3d_fullres', 0.27)),
    want: [
      'Model liver is now version 2 (2d, 0.176): home/models/liver',
      '  version 1 was 3d_fullres, 0.270, which scored higher',
    ],
  },
  {
    name: 'a model without a score',
    modelBefore: before(1, candidate('3d_fullres', null)),
    want: ['Model liver is now version 2 (2d, 0.176): home/models/liver', '  version 1 was 3d_fullres, not a number'],
  },
  { name: 'no model', modelBefore: null, want: ['Model liver, version 2: home/models/liver'] },
  {
    name: 'the same version, as the command is given again',
    modelBefore: before(2, candidate('2d', 0.1764)),
    want: ['Model liver, version 2: home/models/liver'],
  },
])('the end says what the published model took the place of: $name', ({ modelBefore, want }) => {
  const lines = outcomeText(published(modelBefore)).split('\n');
  expect(lines.slice(2, -2)).toEqual(want);
});

test('every warning names its case, and those left out are counted', () => {
  const first = [{ caseId: 'liver_3', message: 'the label holds background only' }];
  expect(warningsText({ total: 3, first })).toBe(
    'warning: case liver_3: the label holds background only\nwarning: and 2 more\n',
  );
  expect(warningsText({ total: 0, first: [] })).toBe('');
});
