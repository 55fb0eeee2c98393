import { describe, expect, it } from 'vitest';
import { formatDatasetJson, parseDatasetJson } from './dataset-json.ts';
import { InvalidDatasetError } from './invalid-dataset-error.ts';

const v2 = {
  name: 'Liver',
  channel_names: { '0': 'CT', '1': 'PET' },
  labels: { background: 0, liver: 1, tumour: 2 },
  numTraining: 3,
  file_ending: '.nii.gz',
};
const msd = {
  name: 'Liver',
  modality: { '0': 'CT' },
  labels: { '0': 'Background', '1': 'liver' },
  numTraining: 1,
  training: [{ image: './imagesTr/a.nii.gz', label: './labelsTr/a.nii.gz' }],
  test: ['./imagesTs/b.nii.gz'],
};
const parse = (json: unknown) => parseDatasetJson(JSON.stringify(json));

describe('parseDatasetJson', () => {
  it('reads the form of nnU-Net v2', () => {
    expect(parse(v2)).toEqual({
      description: {
        name: 'Liver',
        channelNames: ['CT', 'PET'],
        labels: [
          { name: 'background', value: 0 },
          { name: 'liver', value: 1 },
          { name: 'tumour', value: 2 },
        ],
        fileEnding: '.nii.gz',
        numTraining: 3,
      },
      training: null,
    });
  });

  it('reads the form of MSD: labels by value, one listed file per case', () => {
    const { description, training } = parse(msd);
    expect(description.labels).toEqual([
      { name: 'background', value: 0 },
      { name: 'liver', value: 1 },
    ]);
    expect(description.fileEnding).toBe('.nii.gz');
    expect(training).toEqual([{ caseId: 'a', images: ['imagesTr/a.nii.gz'], label: 'labelsTr/a.nii.gz' }]);
  });

  it('takes the legacy key modality for channel_names', () => {
    const { channel_names, ...rest } = v2;
    expect(parse({ ...rest, modality: channel_names }).description.channelNames).toEqual(['CT', 'PET']);
  });

  it('takes a region of one label for the label', () => {
    expect(parse({ ...v2, labels: { background: 0, liver: [1] } }).description.labels[1]?.value).toBe(1);
  });

  it('reads the files that a key `dataset` lists', () => {
    const dataset = { a: { images: ['x/a.nii.gz', 'x/b.nii.gz'], label: 'y/a.nii.gz' } };
    expect(parse({ ...v2, dataset }).training).toEqual([{ caseId: 'a', ...dataset.a }]);
  });

  it.each([
    { ending: '.nii.gz', reader: 'NibabelIO' },
    { ending: '.png', reader: 'NaturalImage2DIO' },
    { ending: '.tif', reader: 'Tiff3DIO' },
    { ending: '.tif', reader: 'NaturalImage2DIO' },
    { ending: '.bmp', reader: 'None' },
  ])('takes $ending files by nnU-Net’s reader $reader', ({ ending, reader }) => {
    const json = { ...v2, file_ending: ending, overwrite_image_reader_writer: reader };
    expect(parse(json).description.fileEnding).toBe(ending);
  });

  it('reads regions and the ignore label, and gives them back', () => {
    const labels = { background: 0, whole: [1, 2], core: [2], ignore: 3 };
    const { description } = parse({ ...v2, labels, regions_class_order: [1, 2] });
    expect(description.labels).toEqual([
      { name: 'background', value: 0 },
      { name: 'whole', value: [1, 2] },
      { name: 'core', value: 2 },
      { name: 'ignore', value: 3 },
    ]);
    expect(description.regionsClassOrder).toEqual([1, 2]);
    expect(parseDatasetJson(formatDatasetJson(description)).description).toEqual(description);
  });

  it('gives back what formatDatasetJson wrote', () => {
    const { description } = parse(v2);
    expect(parseDatasetJson(formatDatasetJson(description)).description).toEqual(description);
  });

  const faulty = [
    { name: 'text that is no JSON', json: undefined, want: 'not valid JSON' },
    { name: 'a missing key', json: { ...v2, numTraining: undefined }, want: 'dataset.json: numTraining: ' },
    { name: 'no channel names', json: { ...v2, channel_names: undefined }, want: 'expected channel_names' },
    {
      name: 'a gap in the channels',
      json: { ...v2, channel_names: { '0': 'a', '2': 'b' } },
      want: 'without a gap, got 0, 2',
    },
    {
      name: 'no background',
      json: { ...v2, labels: { liver: 1 } },
      want: 'expected the label "background" with value 0',
    },
    {
      name: 'a gap in the labels',
      json: { ...v2, labels: { background: 0, a: 2 } },
      want: 'expected labels 0, 1, 2, … without a gap, got 0, 2',
    },
    {
      name: 'a region without the label that it writes',
      json: { ...v2, labels: { background: 0, whole: [1, 2] } },
      want: 'expected regions_class_order with one label for each of 1 regions, got 0',
    },
    {
      name: 'an ignore label that is not the highest',
      json: { ...v2, labels: { background: 0, a: 1, ignore: 3 } },
      want: 'expected the label "ignore" to be the highest and one number, 2, got 3',
    },
    {
      name: 'a label that is no number',
      json: { ...v2, labels: { background: 0, a: 'x' } },
      want: 'label a: expected a whole number, or a list of them, got x',
    },
    {
      name: 'an ending that is no image’s',
      json: { ...v2, file_ending: '.mha' },
      want: 'expected file_ending .nii.gz or .nii or .png or .bmp or .tiff or .tif, got .mha; convert the images',
    },
    {
      name: 'a reader that gives other arrays',
      json: { ...v2, overwrite_image_reader_writer: 'NibabelIOWithReorient' },
      want: 'NibabelIOWithReorient is not there for .nii.gz; leave it out or use SimpleITKIO, NibabelIO',
    },
    {
      name: 'a path out of the data set',
      json: { ...msd, training: [{ image: '../a.nii.gz', label: 'b.nii.gz' }] },
      want: 'expected a path below the data set',
    },
    {
      name: 'MSD labels without names',
      json: { ...msd, labels: { '0': 'background', liver: 1 } },
      want: 'label liver: expected a value and its name',
    },
    {
      name: 'two MSD labels of one name',
      json: { ...msd, labels: { '0': 'b', '1': 'x', '2': 'x' } },
      want: 'two labels have the same name',
    },
  ];
  it.each(faulty)('refuses $name', ({ json, want }) => {
    const text = json === undefined ? '{' : JSON.stringify(json);
    expect(() => parseDatasetJson(text)).toThrow(InvalidDatasetError);
    expect(() => parseDatasetJson(text)).toThrow(want);
  });

  it('reports all problems together', () => {
    const text = JSON.stringify({ ...v2, labels: { background: 0, whole: [1, 2], ignore: 4 }, file_ending: '.mha' });
    try {
      parseDatasetJson(text);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidDatasetError);
      expect((error as InvalidDatasetError).problems).toHaveLength(3);
    }
  });
});
