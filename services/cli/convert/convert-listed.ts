// Data sets of the Medical Segmentation Decathlon and of nnU-Net v1, whose dataset.json lists its cases, to nnU-Net v2.

import { join } from 'node:path';
import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { BadInputError } from '#core/errors.ts';
import { type CaseFiles, listCases } from '#datasets/dataset-layout.ts';
import { imageEnding, isIn, isOfKind, stemOf } from '#formats/image-file-name.ts';
import { InvalidDatasetError } from '#formats/invalid-dataset-error.ts';
import { splitNifti } from '#formats/split-nifti.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { channelStem, NewDataset } from './new-dataset.ts';

/** Folders beside the training data that nnU-Net v1 keeps and nnU-Net v2 takes over. */
const OTHER_FOLDERS = ['imagesTs', 'labelsTs', 'imagesVal', 'labelsVal'] as const;

/**
 * Copies a listed data set into nnU-Net v2's layout: one file per channel, labels as they are.
 *
 * @param from `msd`: images of imagesTs lack channel numbers as those of imagesTr do. `v1`: they have them.
 * @throws {InvalidDatasetError} with everything that stands against it.
 */
export async function convertListed(source: string, out: string, from: 'msd' | 'v1'): Promise<DatasetDescription> {
  const folder = new DatasetFolder(source);
  const { description, cases } = await listCases(folder);
  const dataset = await NewDataset.in(out);
  const conversion = { source, folder, dataset, description };
  for (const files of cases) await convertCase(conversion, files, 'imagesTr');
  const present = await folder.list('');
  for (const other of OTHER_FOLDERS)
    for (const path of present.filter((path) => isIn(other, path) && isOfKind(description.fileEnding, path))) {
      if (from === 'msd' && other === 'imagesTs')
        await convertCase(conversion, { caseId: stemOf(path), images: [path], label: null }, other);
      else await dataset.copy(join(source, path), path);
    }
  await dataset.finish(description);
  return description;
}

interface Conversion {
  readonly source: string;
  readonly folder: DatasetFolder;
  readonly dataset: NewDataset;
  readonly description: DatasetDescription;
}

async function convertCase(
  { source, folder, dataset, description }: Conversion,
  { caseId, images, label }: CaseFiles,
  to: string,
): Promise<void> {
  const channels = description.channelNames.length;
  for (const [channel, image] of images.entries()) {
    const target = (number: number) => `${to}/${channelStem(caseId, number)}${imageEnding(image)}`;
    if (images.length === channels) await dataset.copy(join(source, image), target(channel));
    else
      for (const [i, volume] of (await volumesOf(folder, caseId, image, channels)).entries())
        await dataset.write(target(i), volume);
  }
  if (label !== null) await dataset.copy(join(source, label), `labelsTr/${caseId}${imageEnding(label)}`);
}

async function volumesOf(
  folder: DatasetFolder,
  caseId: string,
  image: string,
  channels: number,
): Promise<Uint8Array[]> {
  const volumes = await split(folder, caseId, image);
  if (volumes.length === channels) return volumes;
  throw new InvalidDatasetError([
    `case ${caseId} has ${counted(volumes.length, 'volume')}, dataset.json names ${counted(channels, 'channel')}`,
  ]);
}

async function split(folder: DatasetFolder, caseId: string, image: string): Promise<Uint8Array[]> {
  const bytes = await folder.get(image);
  if (bytes === undefined) throw new InvalidDatasetError([`case ${caseId}: its image is gone`]);
  try {
    return splitNifti(bytes);
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause;
    throw new InvalidDatasetError([`case ${caseId}: its image cannot be read: ${cause.message}`], { cause });
  }
}
