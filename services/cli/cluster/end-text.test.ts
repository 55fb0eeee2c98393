import { expect, test } from 'vitest';
import { aTaskResource, aTaskStatus } from '#test/a-task-resource.ts';
import { endText } from './end-text.ts';

test.each([
  {
    name: 'a success',
    status: aTaskStatus([['Succeeded', 'True']], {
      best: { members: ['2d'], voting: 'soft', dice: '0.893' },
      model: { name: 'liver', version: 2 },
    }),
    want: 'Task liver succeeded.\nBest: 2d, mean Dice 0.893\nModel liver, version 2',
  },
  {
    name: 'a failure',
    status: aTaskStatus([['Failed', 'True', 'TrainingDiverged', 'train 2d fold 0 diverged.']]),
    want: 'Task liver failed (TrainingDiverged): train 2d fold 0 diverged.\n  what the reasons mean: docs/errors.md.',
  },
  {
    name: 'a suspended Task',
    status: aTaskStatus([['Suspended', 'True']]),
    want: 'Task liver is suspended; bin/pentafold retry liver lets it go on.',
  },
  { name: 'one at work', status: aTaskStatus([]), want: 'Task liver is at work.' },
])('of $name', ({ status, want }) => {
  expect(endText(aTaskResource({ status })).slice(0, want.length)).toBe(want);
});
