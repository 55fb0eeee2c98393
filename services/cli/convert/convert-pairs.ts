import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { type CaseFault, DatasetFaultError } from '#core/dataset/integrity.ts';
import { BadInputError } from '#core/errors.ts';
import { product } from '#core/geometry/axes.ts';
import { readImage } from '#datasets/read-image.ts';
import { orAbsent } from '#files/or-absent.ts';
import { imageEnding, isVisible, stemOf } from '#formats/image-file-name.ts';
import { IMAGE_FORMATS, type ImageEnding } from '#formats/image-format.ts';
import { withoutSurplusAlpha } from '#formats/image-volume.ts';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import { asLabelVoxels } from '#formats/nifti.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { FolderUnusableError, namesIn } from '../folder.ts';
import { CounterpartsMissingError } from '../label-maps/counterparts-missing-error.ts';
import { channelStem, NewDataset } from './new-dataset.ts';

export interface PairsOptions {
  readonly images: string;
  readonly labels: string;
  readonly name: string;
  readonly channels: readonly string[];
  /** Names of the labels 1, 2, 3, …; 0 is background. */
  readonly labelNames: readonly string[];
  /** A label file holds one mask per label as its channels, instead of label values. */
  readonly masks: boolean;
  readonly out: string;
}

/**
 * Makes a data set of a folder of images and a folder of label maps of the same names.
 *
 * With several channels an image is one file with all of them (4D, or colours). Files are copied as they are.
 *
 * @throws {CounterpartsMissingError} for names without a counterpart.
 * @throws {FolderUnusableError} for files of several endings, one folder for images and labels, and a target that is in use
 * or lies in one of them.
 * @throws {InvalidDatasetError} for two labels of one name, or one named like the background.
 * @throws {DatasetFaultError} for masks that are not one per label or that overlap.
 */
export async function convertPairs(options: PairsOptions): Promise<DatasetDescription> {
  const names = ['background', ...options.labelNames];
  if (new Set(names).size < names.length)
    throw new InvalidDatasetError([`expected a name of its own for each label, got ${names.join(', ')}`]);
  await requireApart(options);
  const { caseIds, ending } = await pairsOf(options);
  const dataset = await NewDataset.in(options.out);
  const sidecars = new Set(IMAGE_FORMATS[ending].hasSidecar ? await namesIn(options.images) : []);
  const labelSidecars = new Set(IMAGE_FORMATS[ending].hasSidecar ? await namesIn(options.labels) : []);
  const faults: CaseFault[] = [];
  for (const caseId of caseIds) {
    await dataset.copy(join(options.images, `${caseId}${ending}`), `imagesTr/${channelStem(caseId, 0)}${ending}`);
    const sidecar = `${caseId}.json`;
    if (sidecars.has(sidecar)) await dataset.copy(join(options.images, sidecar), `imagesTr/${sidecar}`);
    if (options.masks) {
      faults.push(...(await labelsOfMasks(options, caseId, ending, dataset)));
      continue;
    }
    await dataset.copy(join(options.labels, `${caseId}${ending}`), `labelsTr/${caseId}${ending}`);
    if (labelSidecars.has(sidecar)) await dataset.copy(join(options.labels, sidecar), `labelsTr/${sidecar}`);
  }
  if (faults.length > 0) throw new DatasetFaultError(faults);
  const description = {
    name: options.name,
    channelNames: options.channels,
    labels: names.map((name, value) => ({ name, value })),
    fileEnding: ending,
    numTraining: caseIds.length,
  };
  await dataset.finish(description);
  return description;
}

/** @throws {FolderUnusableError} where images would be taken for labels, or what is made for what it is made of. */
async function requireApart({ images, labels, out }: PairsOptions): Promise<void> {
  const [imageFolder, labelFolder] = [await realFolder(images), await realFolder(labels)];
  if (imageFolder === labelFolder)
    throw new FolderUnusableError(`--images and --labels are the same folder, ${images}; give each its own`);
  const target = await realFolder(out);
  for (const [option, folder] of [
    ['--images', imageFolder],
    ['--labels', labelFolder],
  ] as const)
    if (`${target}${sep}`.startsWith(`${folder}${sep}`))
      throw new FolderUnusableError(`--out ${out} lies in the folder of ${option}; choose a folder outside of it`);
}

/** Absolute, without links as far as it is there. */
async function realFolder(folder: string): Promise<string> {
  const path = resolve(folder);
  const real = await orAbsent(() => realpath(path));
  return real ?? join(await realFolder(dirname(path)), basename(path));
}

async function pairsOf({ images, labels }: PairsOptions): Promise<{ caseIds: string[]; ending: ImageEnding }> {
  const [imageNames, labelNames] = [await imagesIn(images), await imagesIn(labels)];
  const endings = new Set([...imageNames, ...labelNames].map(imageEnding));
  const [ending, ...others] = endings;
  if (ending === undefined) throw new FolderUnusableError(`there is no image file in ${images}`);
  if (others.length > 0)
    throw new FolderUnusableError(`the files end in ${[...endings].join(', ')}; convert them to one format first`);
  const unlabelled = imageNames.filter((name) => !labelNames.includes(name));
  const imageless = labelNames.filter((name) => !imageNames.includes(name));
  const missing = [
    ...(unlabelled.length > 0 ? [`no label in ${labels} for ${unlabelled.map(stemOf).join(', ')}`] : []),
    ...(imageless.length > 0 ? [`no image in ${images} for ${imageless.map(stemOf).join(', ')}`] : []),
  ];
  if (missing.length > 0)
    throw new CounterpartsMissingError(`${missing.join('; ')}; names must be alike in both folders`);
  return { caseIds: imageNames.map(stemOf), ending };
}

const imagesIn = async (folder: string): Promise<string[]> =>
  (await namesIn(folder)).filter((name) => isVisible(name) && imageEnding(name) !== undefined);

/** Writes label i + 1 wherever channel i is not 0. @returns what is wrong with the masks. */
async function labelsOfMasks(
  { labels, labelNames }: PairsOptions,
  caseId: string,
  ending: ImageEnding,
  dataset: NewDataset,
): Promise<CaseFault[]> {
  const fault = (message: string): CaseFault[] => [{ caseId, kind: 'channels', message }];
  try {
    const read = await readImage(new DatasetFolder(labels), `${caseId}${ending}`);
    if (read === undefined) return fault('its masks are gone');
    const masks = withoutSurplusAlpha(read, labelNames.length);
    if (masks.channels !== labelNames.length)
      return fault(
        `it has ${counted(masks.channels, 'mask')}, expected one for each of ${counted(labelNames.length, 'label')}`,
      );
    const voxels = product(masks.shape);
    const map = new Uint16Array(voxels);
    for (const [i, value] of masks.data.entries()) {
      if (value === 0) continue;
      if (map[i % voxels] !== 0) return fault('its masks overlap, so that a voxel would have two labels');
      map[i % voxels] = Math.floor(i / voxels) + 1;
    }
    const { file, sidecar } = await IMAGE_FORMATS[ending].writeLabels(asLabelVoxels(map), masks);
    await dataset.write(`labelsTr/${caseId}${ending}`, file);
    if (sidecar !== null) await dataset.write(`labelsTr/${caseId}.json`, sidecar);
    return [];
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    return [{ caseId, kind: 'unreadable', message: `its masks cannot be read: ${error.message}` }];
  }
}
