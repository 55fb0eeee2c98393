import { describe, expect, it } from 'vitest';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import { listCases } from './dataset-layout.ts';

/** A store that holds a dataset.json and empty files. */
function aStore(json: unknown, paths: readonly string[]) {
  const text = new TextEncoder().encode(JSON.stringify(json));
  return {
    get: async (key: string) => (key === 'dataset.json' && json !== undefined ? text : undefined),
    list: async (prefix: string) => paths.filter((path) => path.startsWith(prefix)).sort(),
  };
}

const v2 = (over: object = {}) => ({
  channel_names: { '0': 'T1', '1': 'T2' },
  labels: { background: 0, lesion: 1 },
  numTraining: 2,
  file_ending: '.nii.gz',
  ...over,
});
const twoCases = ['b', 'a'].flatMap((id) => [
  `imagesTr/${id}_0000.nii.gz`,
  `imagesTr/${id}_0001.nii.gz`,
  `labelsTr/${id}.nii.gz`,
]);
const msd = (ids: readonly string[], over: object = {}) => ({
  modality: { '0': 'MRI' },
  labels: { '0': 'background', '1': 'lesion' },
  numTraining: ids.length,
  training: ids.map((id) => ({ image: `./imagesTr/${id}.nii.gz`, label: `./labelsTr/${id}.nii.gz` })),
  test: ['./imagesTs/t.nii.gz'],
  ...over,
});

describe('listCases', () => {
  it('finds the cases of an nnU-Net v2 folder, sorted, and none outside imagesTr', async () => {
    const test = ['imagesTs/t_0000.nii.gz', 'imagesTs/t_0001.nii.gz', 'labelsTs/t.nii.gz', 'imagesTs/half_0000.nii.gz'];
    const listing = await listCases(aStore(v2(), [...twoCases, ...test]));
    expect(listing.cases).toEqual([
      { caseId: 'a', images: ['imagesTr/a_0000.nii.gz', 'imagesTr/a_0001.nii.gz'], label: 'labelsTr/a.nii.gz' },
      { caseId: 'b', images: ['imagesTr/b_0000.nii.gz', 'imagesTr/b_0001.nii.gz'], label: 'labelsTr/b.nii.gz' },
    ]);
  });

  it('takes one picture for all channels, and passes over files of another kind', async () => {
    const files = ['imagesTr/a_0000.png', 'labelsTr/a.png', 'imagesTr/a.json', 'imagesTr/overview_0000.nii.gz'];
    const { cases } = await listCases(aStore(v2({ file_ending: '.png', numTraining: 1 }), files));
    expect(cases).toEqual([{ caseId: 'a', images: ['imagesTr/a_0000.png'], label: 'labelsTr/a.png' }]);
  });

  it('finds the cases that an MSD file lists', async () => {
    const files = [
      'imagesTr/b.nii.gz',
      'labelsTr/b.nii.gz',
      'imagesTr/a.nii.gz',
      'labelsTr/a.nii.gz',
      'imagesTs/t.nii.gz',
    ];
    const listing = await listCases(aStore(msd(['b', 'a']), files));
    expect(listing.cases).toEqual([
      { caseId: 'a', images: ['imagesTr/a.nii.gz'], label: 'labelsTr/a.nii.gz' },
      { caseId: 'b', images: ['imagesTr/b.nii.gz'], label: 'labelsTr/b.nii.gz' },
    ]);
  });

  it('finds the channel files that an nnU-Net v1 list names without their number', async () => {
    const json = msd(['a'], { modality: { '0': 'T1', '1': 'T2' } });
    const files = ['imagesTr/a_0000.nii.gz', 'imagesTr/a_0001.nii.gz', 'labelsTr/a.nii.gz'];
    expect((await listCases(aStore(json, files))).cases[0]?.images).toEqual(files.slice(0, 2));
  });

  it('keeps a number of four digits in the name of a case', async () => {
    const json = v2({ channel_names: { '0': 'CT' }, numTraining: 1 });
    const files = ['imagesTr/scan_2024_0000.nii.gz', 'labelsTr/scan_2024.nii.gz'];
    expect((await listCases(aStore(json, files))).cases).toEqual([
      { caseId: 'scan_2024', images: files.slice(0, 1), label: 'labelsTr/scan_2024.nii.gz' },
    ]);
  });

  it('warns of a label that has no image where the number of cases is right', async () => {
    const listing = await listCases(aStore(v2(), [...twoCases, 'labelsTr/c.nii.gz', 'labelsTr/.hidden.nii.gz']));
    expect(listing.cases).toHaveLength(2);
    expect(listing.warnings).toEqual([{ caseId: 'c', message: 'has a label in labelsTr, but no image in imagesTr' }]);
  });

  it('leaves out files whose name starts with a dot or an underscore', async () => {
    const hidden = [
      'imagesTr/._a_0000.nii.gz',
      'imagesTr/_a_0000.nii.gz',
      'imagesTr/README.txt',
      'labelsTr/._a.nii.gz',
    ];
    expect((await listCases(aStore(v2(), [...twoCases, ...hidden]))).cases).toHaveLength(2);
  });

  it('reads listed files wherever `dataset` says they are', async () => {
    const json = v2({
      numTraining: 1,
      dataset: { a: { images: ['imagesTr/x.nii.gz', 'imagesTs/y.nii.gz'], label: 'truth/seg.nii.gz' } },
    });
    const files = ['imagesTr/x.nii.gz', 'imagesTs/y.nii.gz', 'truth/seg.nii.gz'];
    expect((await listCases(aStore(json, files))).cases).toEqual([
      { caseId: 'a', images: ['imagesTr/x.nii.gz', 'imagesTs/y.nii.gz'], label: 'truth/seg.nii.gz' },
    ]);
  });

  const without = (path: string) => twoCases.filter((present) => present !== path);
  const faulty = [
    { name: 'no dataset.json', json: undefined, files: twoCases, want: 'there is no dataset.json' },
    { name: 'a missing channel', json: v2(), files: without('imagesTr/a_0001.nii.gz'), want: 'case a lacks channel 1' },
    {
      name: 'a surplus channel',
      json: v2(),
      files: [...twoCases, 'imagesTr/a_0002.nii.gz'],
      want: 'case a has 3 channels, expected 2',
    },
    { name: 'a missing label', json: v2(), files: without('labelsTr/b.nii.gz'), want: 'case b has no label' },
    {
      name: 'a case that stands twice',
      json: v2(),
      files: [...twoCases, 'imagesTr/a_0000.nii'],
      want: 'case a stands twice: channel 0000 has two files',
    },
    {
      name: 'another file ending',
      json: v2(),
      files: [...twoCases, 'imagesTr/c_0000.nii'],
      want: 'case c: expected files ending in .nii.gz',
    },
    {
      name: 'an image without a channel number',
      json: v2(),
      files: [...twoCases, 'imagesTr/c.nii.gz'],
      want: 'case c: an image without a channel number',
    },
    {
      name: 'another number of cases than numTraining',
      json: v2({ numTraining: 5 }),
      files: twoCases,
      want: 'dataset.json says numTraining 5, found 2 cases',
    },
    {
      name: 'too few cases, and names a label that has no image',
      json: v2({ numTraining: 3 }),
      files: [...twoCases, 'labelsTr/c.nii.gz'],
      want: 'found 2 cases; case c has a label in labelsTr, but no image in imagesTr',
    },
    {
      name: 'a case listed twice',
      json: msd(['a', 'a']),
      files: ['imagesTr/a.nii.gz', 'labelsTr/a.nii.gz'],
      want: 'case a stands twice in dataset.json',
    },
    {
      name: 'a listed image that is missing',
      json: msd(['a']),
      files: ['labelsTr/a.nii.gz'],
      want: 'case a: an image that dataset.json lists is missing',
    },
    {
      name: 'a listed label that is missing',
      json: msd(['a']),
      files: ['imagesTr/a.nii.gz'],
      want: 'case a: the label that dataset.json lists is missing',
    },
  ];
  it.each(faulty)('refuses $name', async ({ json, files, want }) => {
    const listing = listCases(aStore(json, files));
    await expect(listing).rejects.toThrow(InvalidDatasetError);
    await expect(listing).rejects.toThrow(want);
  });

  it('spells out the first problems and counts the rest', async () => {
    const files = Array.from({ length: 25 }, (_, i) => `imagesTr/c${i}_0000.nii.gz`);
    await expect(listCases(aStore(v2(), files))).rejects.toThrow(/lacks channel 1; and 5 more$/);
  });
});
