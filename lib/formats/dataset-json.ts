// dataset.json of nnU-Net v2, and of the Medical Segmentation Decathlon (MSD), whose form nnU-Net v1 took over.

import * as z from 'zod';
import type { DatasetDescription, DeclaredLabel } from '#core/dataset/dataset-description.ts';
import { labelProblems } from '#core/dataset/labels.ts';
import { IMAGE_ENDINGS, imageEnding, imageFormat, stemOf } from './image-file-name.ts';
import { InvalidDatasetError } from './invalid-dataset-error.ts';

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
  regions_class_order: z.array(z.int().min(0)).optional(),
  file_ending: z.string().optional(),
  overwrite_image_reader_writer: z.string().optional(),
  training: z.array(z.object({ image: path, label: path })).optional(),
  dataset: z.record(z.string(), z.object({ images: z.array(path).min(1), label: path })).optional(),
});

type Parsed = z.infer<typeof datasetJson>;

/**
 * Reads a dataset.json of nnU-Net v2 or of MSD; one with a list `training` is of MSD.
 *
 * @throws {InvalidDatasetError} with every problem found: no JSON, a missing key, labels that are not 0, 1, 2, …, a file
 * ending or a reader that is not known, or what cannot be trained yet: regions and an ignore label.
 */
export function parseDatasetJson(text: string): DatasetJson {
  const json = parsedJson(text);
  const isMsd = json.training !== undefined;
  const problems: string[] = [];
  const labels = isMsd ? labelsByValue(json, problems) : labelsByName(json, problems);
  const regionsClassOrder = json.regions_class_order;
  // What the labels mean together can be judged once each is sound.
  if (problems.length === 0)
    problems.push(...labelProblems({ labels, ...(regionsClassOrder && { regionsClassOrder }) }));
  const description: DatasetDescription = {
    name: json.name ?? 'dataset',
    channelNames: channelNames(json, problems),
    labels,
    fileEnding: fileEnding(json, problems),
    numTraining: json.numTraining,
    ...(regionsClassOrder && { regionsClassOrder }),
  };
  problems.push(...unknownReader(json, description));
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

/** A list of one is a label like a number. */
function labelsByName(json: Parsed, problems: string[]): DeclaredLabel[] {
  const labels: DeclaredLabel[] = [];
  for (const [name, value] of Object.entries(json.labels)) {
    const single = Array.isArray(value) && value.length === 1 ? value[0] : value;
    if (typeof single === 'number' || Array.isArray(single)) labels.push({ name, value: single });
    else problems.push(`label ${name}: expected a whole number, or a list of them, got ${single}`);
  }
  return labels;
}

/** MSD writes value → name, and names 0 as it likes. */
function labelsByValue(json: Parsed, problems: string[]): DeclaredLabel[] {
  const labels: DeclaredLabel[] = [];
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

function fileEnding(json: Parsed, problems: string[]): string {
  const example = json.training?.[0]?.image;
  const ending = json.file_ending ?? imageEnding(example ?? '');
  if (IMAGE_ENDINGS.some((known) => known === ending)) return ending ?? '';
  problems.push(`expected file_ending ${IMAGE_ENDINGS.join(' or ')}, got ${ending ?? 'none'}; convert the images`);
  return '';
}

/** A reader that gives the same arrays as ours changes nothing; "None" is nnU-Net's word for no choice. */
function unknownReader({ overwrite_image_reader_writer: asked = 'None' }: Parsed, { fileEnding }: DatasetDescription) {
  const format = imageFormat(fileEnding);
  if (asked === 'None' || !format) return [];
  const known = [...new Set([format.reader.volumes, format.reader.pictures, ...format.otherReaders])];
  if (known.includes(asked)) return [];
  return [
    `overwrite_image_reader_writer ${asked} is not there for ${fileEnding}; leave it out or use ${known.join(', ')}`,
  ];
}

/** A dataset.json as nnU-Net v2 wants it. */
export const formatDatasetJson = (description: DatasetDescription): string =>
  `${JSON.stringify(
    {
      name: description.name,
      channel_names: Object.fromEntries(description.channelNames.map((name, i) => [String(i), name])),
      labels: Object.fromEntries(description.labels.map(({ name, value }) => [name, value])),
      ...(description.regionsClassOrder && { regions_class_order: description.regionsClassOrder }),
      numTraining: description.numTraining,
      file_ending: description.fileEnding,
    },
    null,
    4,
  )}\n`;
