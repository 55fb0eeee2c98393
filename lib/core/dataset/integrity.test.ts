import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import type { DatasetDescription } from './dataset-description.ts';
import { allClose, type CaseFault, caseFaults, DatasetFaultError, labelWarnings } from './integrity.ts';

const description: DatasetDescription = {
  name: 'd',
  channelNames: ['T1', 'T2'],
  labels: [
    { name: 'background', value: 0 },
    { name: 'lesion', value: 1 },
  ],
  fileEnding: '.nii.gz',
  numTraining: 1,
};
const shape = shapeZyx(1, 2, 2);
const spacing = spacingZyx(3, 1, 1);
const anImage = (over: Partial<Image<'zyx'>> = {}): Image<'zyx'> => ({
  channels: 2,
  shape,
  spacing,
  data: new Float32Array(8).fill(1),
  ...over,
});
const aLabel = (over: Partial<LabelMap<'zyx'>> = {}): LabelMap<'zyx'> => ({
  shape,
  spacing,
  data: Int16Array.of(0, 1, 1, 0),
  ...over,
});

describe('caseFaults', () => {
  it('finds nothing in a sound case, with or without a label', () => {
    expect(caseFaults('a', anImage(), aLabel(), description)).toEqual([]);
    expect(caseFaults('a', anImage(), null, description)).toEqual([]);
  });

  const faulty: {
    name: string;
    image?: Partial<Image<'zyx'>>;
    label?: Partial<LabelMap<'zyx'>>;
    want: Omit<CaseFault, 'caseId'>;
  }[] = [
    {
      name: 'voxels that are NaN or infinite',
      image: { data: Float32Array.of(1, 1, 1, 1, Number.NaN, 1, Number.POSITIVE_INFINITY, 1) },
      want: { kind: 'not-finite', message: 'channel 1 is NaN, infinite or too large for float32 in 2 voxels' },
    },
    {
      name: 'a label outside dataset.json',
      label: { data: Int16Array.of(0, 5, 1, -3) },
      want: { kind: 'undeclared-label', message: 'label -3, 5 is not in dataset.json, which declares 0, 1' },
    },
    {
      name: 'a label of another shape',
      label: { shape: shapeZyx(2, 2, 1) },
      want: { kind: 'shape', message: 'the label is 2 x 2 x 1 voxels (z, y, x), the image 1 x 2 x 2' },
    },
    {
      name: 'a label of another spacing',
      label: { spacing: spacingZyx(3, 1, 1.001) },
      want: { kind: 'spacing', message: 'the label has spacing 3 x 1 x 1.001 mm (z, y, x), the image 3 x 1 x 1' },
    },
    {
      name: 'a missing channel',
      image: { channels: 1, data: new Float32Array(4) },
      want: { kind: 'channels', message: 'the image has 1 channel, dataset.json names 2' },
    },
  ];
  it.each(faulty)('finds $name', ({ image, label, want }) => {
    expect(caseFaults('a', anImage(image), aLabel(label), description)).toEqual([{ caseId: 'a', ...want }]);
  });
});

describe('labelWarnings', () => {
  it('tells of a label that holds nothing but background, and of nothing else', () => {
    expect(labelWarnings(aLabel({ data: new Int16Array(4) }))).toEqual([
      'the label holds background only; see whether it is the right file',
    ]);
    expect(labelWarnings(aLabel())).toEqual([]);
  });
});

describe('allClose', () => {
  it.each([
    { a: 1.00001, b: 1, want: true },
    { a: 1.00002, b: 1, want: false },
    { a: 1e-8, b: 0, want: true },
    { a: 2e-8, b: 0, want: false },
    { a: Number.NaN, b: Number.NaN, want: false },
  ])('compares $a with $b as numpy does', ({ a, b, want }) => {
    expect(allClose([a], [b])).toBe(want);
  });
});

describe('DatasetFaultError', () => {
  it('names every case it has room for and carries all faults', () => {
    const faults = Array.from(
      { length: 22 },
      (_, i): CaseFault => ({ caseId: `c${i}`, kind: 'shape', message: 'bent' }),
    );
    const error = new DatasetFaultError(faults);
    expect(error.message).toMatch(/^case c0: bent; case c1: bent; .*case c19: bent; and 2 more$/);
    expect(error.faults).toHaveLength(22);
    expect(error.code).toBe('DATASET_FAULTY');
  });
});
