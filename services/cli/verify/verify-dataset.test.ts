import { describe, expect, it } from 'vitest';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { isSound, verificationText, verifyDataset } from './verify-dataset.ts';

const geometry = axisAlignedGeometry(spacingZyx(1, 1, 1));
const volume = (value: number): Uint8Array => writeNifti(Float32Array.of(0, value), shapeZyx(1, 1, 2), geometry);
const json = (over: object = {}): Uint8Array =>
  new TextEncoder().encode(
    JSON.stringify({
      name: 'Tiny',
      channel_names: { 0: 'T1' },
      labels: { background: 0, lesion: 1 },
      numTraining: 3,
      file_ending: '.nii.gz',
      ...over,
    }),
  );

const verify = (files: Readonly<Record<string, Uint8Array>>) =>
  verifyDataset({ get: async (path) => files[path], list: async () => Object.keys(files) }, () => {});

const sound = {
  'dataset.json': json(),
  ...Object.fromEntries(
    ['a', 'b', 'c'].flatMap((id) => [
      [`imagesTr/${id}_0000.nii.gz`, volume(5)],
      [`labelsTr/${id}.nii.gz`, volume(1)],
    ]),
  ),
};

describe('verifyDataset', () => {
  it('finds nothing in a sound data set', async () => {
    const found = await verify(sound);
    expect(found).toEqual({ name: 'Tiny', cases: 3, problems: [], faults: [], warnings: [] });
    expect(isSound(found)).toBe(true);
    expect(verificationText(found)).toBe('sound: 3 cases can be used\n');
  });

  it('goes to the end: a missing label, a NaN and an undeclared label in three cases', async () => {
    const { 'labelsTr/a.nii.gz': _, ...files } = {
      ...sound,
      'imagesTr/b_0000.nii.gz': volume(Number.NaN),
      'labelsTr/c.nii.gz': volume(4),
    } as Record<string, Uint8Array>;
    const found = await verify(files);
    expect(isSound(found)).toBe(false);
    expect(verificationText(found)).toBe(
      [
        'fault: case a has no label in labelsTr',
        'fault: case b: channel 0 is NaN, infinite or too large for float32 in 1 voxel',
        'fault: case c: label 4 is not in dataset.json, which declares 0, 1',
        'not sound: 3 faults; mend them and verify again\n',
      ].join('\n'),
    );
  });

  it('reports that no case has foreground, as the first step of a Task does', async () => {
    const empty = Object.fromEntries(['a', 'b', 'c'].map((id) => [`labelsTr/${id}.nii.gz`, volume(0)]));
    const found = await verify({ ...sound, ...empty });
    expect(found.problems).toEqual(['none of the 3 training cases has a voxel with a label above 0; check the labels']);
    expect(isSound(found)).toBe(false);
    const { problems } = await verify({ ...sound, ...empty, 'labelsTr/c.nii.gz': volume(1) });
    expect(problems).toEqual([]);
  });

  it('reports every problem of a dataset.json that cannot be used', async () => {
    const found = await verify({ 'dataset.json': json({ file_ending: '.mha', labels: { lesion: 1 } }) });
    expect(found.name).toBeNull();
    expect(found.problems).toHaveLength(2);
  });

  it('reports that there is none', async () => {
    expect((await verify({})).problems).toEqual(['there is no dataset.json in its folder']);
  });
});
