// The public nuclei pictures beside the checkout, as nnU-Net's golden data set 103 was made from them.

import { readdirSync, readFileSync } from 'node:fs';
import type { Image, LabelMap } from '#core/geometry/volume.ts';
import { type ImageVolume, withoutSurplusAlpha } from '#formats/image-volume.ts';
import { readPng } from '#formats/png.ts';
import { sharedPath } from './shared.ts';

export const NUCLEI = 'data/DSB2018_nuclei_60/stage1_train';

const read = (path: string): Promise<ImageVolume> => readPng(readFileSync(sharedPath(`${NUCLEI}/${path}`)));

/** Ids in the order in which the golden data set numbers its cases. */
export const nucleiIds = (): string[] => readdirSync(sharedPath(NUCLEI)).sort();

/** Red, green and blue; label 1 wherever any of the masks is set. */
export async function readNuclei(id: string): Promise<{ image: Image<'zyx'>; label: LabelMap<'zyx'> }> {
  const image = withoutSurplusAlpha(await read(`${id}/images/${id}.png`), 3);
  const { shape, spacing } = image;
  const data = new Int16Array(image.data.length / 3);
  for (const mask of readdirSync(sharedPath(`${NUCLEI}/${id}/masks`))) {
    const nucleus = await read(`${id}/masks/${mask}`);
    for (const [i, value] of nucleus.data.entries()) if (value > 0) data[i] = 1;
  }
  return { image, label: { shape, spacing, data } };
}
