// Which files belong to which case, in the folder layouts of nnU-Net v2, MSD and nnU-Net v1.

import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import type { CaseWarning } from '#core/dataset/integrity.ts';
import { type DatasetJson, parseDatasetJson } from '#formats/dataset-json.ts';
import { imageEnding, imageFormat, isIn, isOfKind, isVisible, stemOf } from '#formats/image-file-name.ts';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';

/** The files of one case, relative to the data set's folder. */
export interface CaseFiles {
  readonly caseId: string;
  /** Per channel; a single file stands for all channels. */
  readonly images: readonly string[];
  readonly label: string | null;
}

export interface DatasetListing {
  readonly description: DatasetDescription;
  /** Labelled training cases, sorted by `caseId`. */
  readonly cases: readonly CaseFiles[];
  /** Labels without an image, which are left out. */
  readonly warnings: readonly CaseWarning[];
}

/**
 * Finds dataset.json and the files of every case.
 *
 * Files whose name starts with a dot or an underscore are left out, as in nnU-Net's own conversion.
 *
 * @throws {InvalidDatasetError} with every problem found: no dataset.json, a missing or surplus channel, a missing
 * label, a case that stands twice, another number of cases than `numTraining` says.
 */
export async function listCases(store: Pick<ObjectStore, 'get' | 'list'>): Promise<DatasetListing> {
  const { problems, ...listing } = await surveyCases(store);
  if (problems.length > 0) throw new InvalidDatasetError(problems);
  return listing;
}

/** What can be listed, and a sentence for each thing that stands against it. */
export interface DatasetSurvey extends DatasetListing {
  readonly problems: readonly string[];
}

/**
 * As `listCases`, but tells of missing files beside the cases that are whole.
 *
 * @throws {InvalidDatasetError} for a dataset.json that is not there or cannot be used.
 */
export async function surveyCases(store: Pick<ObjectStore, 'get' | 'list'>): Promise<DatasetSurvey> {
  const text = await store.get('dataset.json');
  if (!text) throw new InvalidDatasetError(['there is no dataset.json in its folder']);
  const json = parseDatasetJson(new TextDecoder().decode(text));
  const present = new Set(await store.list(''));
  const { cases, problems } = json.training ? listedCases(json, present) : foundCases(json, present);
  const warnings = json.training ? [] : labelsWithoutImage(json.description, present);
  const { numTraining } = json.description;
  if (cases.length !== numTraining && problems.length === 0) {
    problems.push(
      `dataset.json says numTraining ${numTraining}, found ${counted(cases.length, 'case')}`,
      ...warnings.map(({ caseId, message }) => `case ${caseId} ${message}`),
    );
  }
  return { description: json.description, cases: byCaseId(cases), warnings, problems };
}

const byCaseId = <T extends { readonly caseId: string }>(cases: readonly T[]): T[] =>
  [...cases].sort((a, b) => (a.caseId < b.caseId ? -1 : 1));

interface Found {
  readonly cases: CaseFiles[];
  readonly problems: string[];
}

/** nnU-Net v2: imagesTr/<case>_<channel>, labelsTr/<case>. */
function foundCases({ description }: DatasetJson, present: ReadonlySet<string>): Found {
  const { cases, problems } = casesOfFiles(
    [...present].filter((path) => isIn('imagesTr', path)),
    description,
  );
  const labelled: CaseFiles[] = [];
  for (const { caseId, images } of cases) {
    const label = `labelsTr/${caseId}${description.fileEnding}`;
    if (present.has(label)) labelled.push({ caseId, images, label });
    else problems.push(`case ${caseId} has no label in labelsTr`);
  }
  return { cases: labelled, problems };
}

function labelsWithoutImage({ fileEnding }: DatasetDescription, present: ReadonlySet<string>): CaseWarning[] {
  const stemsIn = (folder: string) =>
    [...present].filter((path) => isIn(folder, path) && isOfKind(fileEnding, path)).map(stemOf);
  const images = new Set(stemsIn('imagesTr').map((stem) => CHANNEL_FILE.exec(stem)?.[1]));
  return stemsIn('labelsTr')
    .filter((caseId) => !images.has(caseId))
    .map((caseId) => ({ caseId, message: 'has a label in labelsTr, but no image in imagesTr' }));
}

/** `<case>_<channel>`, without its ending. */
const CHANNEL_FILE = /^(.+)_(\d{4})$/;

/**
 * Groups image files `<case>_<CCCC><ending>` by case.
 *
 * Files that are hidden, or are no images of the data set's kind, are left out. A picture numbered 0000 may hold all
 * channels as its colours.
 *
 * @returns the complete cases, sorted by `caseId` and without labels, and a sentence for whatever does not fit.
 */
function casesOfFiles(paths: readonly string[], description: DatasetDescription): Found {
  const problems: string[] = [];
  const cases: CaseFiles[] = [];
  for (const [caseId, channels] of channelsByCase(paths, description, problems)) {
    const images = description.channelNames.map((_, channel) => channels.get(channel));
    const [first] = images;
    if (first !== undefined && channels.size === 1 && imageFormat(first)?.hasColours) {
      cases.push({ caseId, images: [first], label: null });
      continue;
    }
    const missing = images.flatMap((image, channel) => (image === undefined ? [channel] : []));
    if (missing.length > 0) {
      problems.push(`case ${caseId} lacks channel ${missing.join(', ')}`);
    } else if (channels.size > images.length) {
      problems.push(`case ${caseId} has ${channels.size} channels, expected ${images.length}`);
    } else {
      cases.push({ caseId, images: images.filter((image) => image !== undefined), label: null });
    }
  }
  return { cases: byCaseId(cases), problems };
}

function channelsByCase(
  paths: readonly string[],
  { fileEnding }: DatasetDescription,
  problems: string[],
): ReadonlyMap<string, ReadonlyMap<number, string>> {
  const byCase = new Map<string, Map<number, string>>();
  for (const path of paths.filter((path) => isOfKind(fileEnding, path))) {
    const [, caseId, channel] = CHANNEL_FILE.exec(stemOf(path)) ?? [];
    if (caseId === undefined) {
      problems.push(`case ${stemOf(path)}: an image without a channel number such as _0000`);
      continue;
    }
    const channels = byCase.get(caseId) ?? new Map<number, string>();
    byCase.set(caseId, channels);
    if (channels.has(Number(channel))) problems.push(`case ${caseId} stands twice: channel ${channel} has two files`);
    else channels.set(Number(channel), path);
    if (imageEnding(path) !== fileEnding) problems.push(`case ${caseId}: expected files ending in ${fileEnding}`);
  }
  return byCase;
}

/** MSD, nnU-Net v1, and nnU-Net v2 with a `dataset` list. */
function listedCases({ training, description }: DatasetJson, present: ReadonlySet<string>): Found {
  const problems: string[] = [];
  const cases = new Map<string, CaseFiles>();
  for (const { caseId, images, label } of (training ?? []).filter((listed) => isVisible(listed.label))) {
    const files = existingImages(images, description, present);
    if (cases.has(caseId)) problems.push(`case ${caseId} stands twice in dataset.json`);
    else if (!files) problems.push(`case ${caseId}: an image that dataset.json lists is missing`);
    else if (!present.has(label)) problems.push(`case ${caseId}: the label that dataset.json lists is missing`);
    else cases.set(caseId, { caseId, images: files, label });
  }
  return { cases: [...cases.values()], problems };
}

/** The files as listed; or, as in nnU-Net v1, one per channel under a name that lacks the channel number. */
function existingImages(
  images: readonly string[],
  { channelNames }: DatasetDescription,
  present: ReadonlySet<string>,
): readonly string[] | null {
  const [first = '', ...rest] = images;
  const ending = imageEnding(first) ?? '';
  const stem = first.slice(0, first.length - ending.length);
  const perChannel = channelNames.map((_, channel) => `${stem}_${String(channel).padStart(4, '0')}${ending}`);
  const candidates = rest.length === 0 ? [images, perChannel] : [images];
  return candidates.find((files) => files.every((file) => present.has(file))) ?? null;
}
