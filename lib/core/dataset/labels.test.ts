import { describe, expect, it } from 'vitest';
import type { DatasetDescription } from './dataset-description.ts';
import { foregroundLabels, headCount } from './labels.ts';

const aDataset = (values: readonly number[]): DatasetDescription => ({
  name: 'Phantom',
  channelNames: ['MRI'],
  labels: values.map((value) => ({ name: `label ${value}`, value })),
  fileEnding: '.nii.gz',
  numTraining: 5,
});

describe('labels', () => {
  it.each([
    { name: 'the usual order', values: [0, 1, 2], want: [1, 2] },
    { name: 'background declared last', values: [2, 1, 0], want: [1, 2] },
    { name: 'more than nine labels', values: [0, 10, 9, 2], want: [2, 9, 10] },
    { name: 'one value under two names', values: [0, 1, 1], want: [1] },
    { name: 'background alone', values: [0], want: [] },
  ])('are foreground ascending, with a head for background too: $name', ({ values, want }) => {
    expect(foregroundLabels(aDataset(values))).toEqual(want);
    expect(headCount(aDataset(values))).toBe(want.length + 1);
  });
});
