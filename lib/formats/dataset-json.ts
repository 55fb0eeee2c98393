// dataset.json of nnU-Net v2, and of the Medical Segmentation Decathlon (MSD), whose form nnU-Net v1 took over.

import * as z from 'zod';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { InvalidDatasetError } from './invalid-dataset-error.ts';
import { NIFTI_ENDINGS, niftiEnding, stemOf } from './nifti-file-name.ts';

/** A training case that dataset.json itself names. Paths are relative to the data set's folder. */
export interface ListedCase {
  readonly caseId: string;
  readonly images: readonly string[];
  readonly label: string;
}

/** What a dataset.json says, in either form. */
export interface DatasetJson {
  readonly description: DatasetDescription;
  /** `null`: look into imagesTr. */
  readonly training: readonly ListedCase[] | null;
}

const path = z
  .string()
  .transform((text) => text.replace(/^(\.\/)+/, ''))
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..'), 'expected a path below the data set');

const datasetJson = z.object({
  name: z.string().optional(),
  channel_names: z.record(z.string(), z.string()).optional(),
  modality: z.record(z.string(), z.string()).optional(),
  labels: z.record(z.string(), z.union([z.int(), z.string(), z.array(z.int())])),
  numTraining: z.int(),
  file_ending: z.string().optional(),
  training: z.array(z.object({ image: path, label: path })).optional(),
  dataset: z.record(z.string(), z.object({ images: z.array(path).min(1), label: path })).optional(),
});

type Parsed = z.infer<typeof datasetJson>;

/**
 * Reads a dataset.json of nnU-Net v2 or of MSD; one with a list `training` is of MSD.
 *
 * @throws {InvalidDatasetError} with every problem found: no JSON, a missing key, labels that are not 0, 1, 2, …, a file
 * ending that is not NIfTI's, or what cannot be trained yet: regions and an ignore label.
 */
export function parseDatasetJson(text: string): DatasetJson {
  const json = parsedJson(text);
  const isMsd = json.training !== undefined;
  const problems: string[] = [];
  const description: DatasetDescription = {
    name: json.name ?? 'dataset',
    channelNames: channelNames(json, problems),
    labels: isMsd ? labelsByValue(json, problems) : labelsByName(json, problems),
    fileEnding: fileEnding(json, problems),
    numTraining: json.numTraining,
  };
  if (problems.length === 0) problems.push(...labelGaps(description));
  if (problems.length > 0) throw new InvalidDatasetError(problems.map((problem) => `dataset.json: ${problem}`));
  return { description, training: isMsd ? trainingOf(json) : listedOf(json) };
}

function parsedJson(text: string): Parsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InvalidDatasetError(['dataset.json: not valid JSON'], { cause });
  }
  const parsed = datasetJson.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path, message }) => `dataset.json: ${[...path.map(String), message].join(': ')}`,
  );
  throw new InvalidDatasetError(problems, { cause: parsed.error });
}

const trainingOf = (json: Parsed): ListedCase[] =>
  (json.training ?? []).map(({ image, label }) => ({ caseId: stemOf(image), images: [image], label }));

/** nnU-Net v2's optional `dataset` replaces the look into imagesTr. */
const listedOf = ({ dataset }: Parsed): ListedCase[] | null =>
  dataset ? Object.entries(dataset).map(([caseId, files]) => ({ caseId, ...files })) : null;

function channelNames(json: Parsed, problems: string[]): string[] {
  const byNumber = json.channel_names ?? json.modality;
  if (!byNumber) {
    problems.push('expected channel_names, for example {"0": "CT"}');
    return [];
  }
  const names = Object.keys(byNumber).map((_, i) => byNumber[String(i)]);
  if (names.length === 0) {
    problems.push('expected at least one channel in channel_names, for example {"0": "CT"}, got none');
    return [];
  }
  if (names.every((name) => name !== undefined)) return names;
  problems.push(`expected channel_names numbered from "0" without a gap, got ${Object.keys(byNumber).join(', ')}`);
  return [];
}

type Labels = { readonly name: string; readonly value: number }[];

function labelsByName(json: Parsed, problems: string[]): Labels {
  const labels: Labels = [];
  for (const [name, value] of Object.entries(json.labels)) {
    const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (name === 'ignore') problems.push('the label "ignore" cannot be trained yet; give those voxels another label');
    else if (Array.isArray(single))
      problems.push(`label ${name} is a region, which cannot be trained yet; list labels`);
    else if (typeof single !== 'number') problems.push(`label ${name}: expected a whole number, got ${single}`);
    else labels.push({ name, value: single });
  }
  if (problems.length === 0 && !labels.some(({ name, value }) => name === 'background' && value === 0)) {
    problems.push('expected the label "background" with value 0');
  }
  return labels;
}

/** MSD writes value → name, and names 0 as it likes. */
function labelsByValue(json: Parsed, problems: string[]): Labels {
  const labels: Labels = [];
  for (const [key, name] of Object.entries(json.labels)) {
    if (/^\d+$/.test(key) && typeof name === 'string')
      labels.push({ name: key === '0' ? 'background' : name, value: Number(key) });
    else problems.push(`label ${key}: expected a value and its name, for example "1": "liver"`);
  }
  if (problems.length === 0 && new Set(labels.map(({ name }) => name)).size < labels.length) {
    problems.push('two labels have the same name');
  }
  return labels;
}

function labelGaps({ labels }: DatasetDescription): string[] {
  const values = labels.map(({ value }) => value).sort((a, b) => a - b);
  return values.every((value, i) => value === i)
    ? []
    : [`expected labels 0, 1, 2, … without a gap or a repetition, got ${values.join(', ')}`];
}

function fileEnding(json: Parsed, problems: string[]): string {
  const example = json.training?.[0]?.image;
  const ending = json.file_ending ?? niftiEnding(example ?? '');
  if (ending !== undefined && NIFTI_ENDINGS.some((known) => known === ending)) return ending;
  problems.push(`expected file_ending ${NIFTI_ENDINGS.join(' or ')}, got ${ending ?? 'none'}; convert the images`);
  return '';
}

/** A dataset.json as nnU-Net v2 wants it. */
export const formatDatasetJson = (description: DatasetDescription): string =>
  `${JSON.stringify(
    {
      name: description.name,
      channel_names: Object.fromEntries(description.channelNames.map((name, i) => [String(i), name])),
      labels: Object.fromEntries(description.labels.map(({ name, value }) => [name, value])),
      numTraining: description.numTraining,
      file_ending: description.fileEnding,
    },
    null,
    4,
  )}\n`;
