import { readFile } from 'node:fs/promises';
import { DatasetFaultError } from '#core/dataset/integrity.ts';
import { BadInputError } from '#core/errors.ts';
import { readImage } from '#datasets/read-image.ts';
import { orAbsent } from '#files/or-absent.ts';
import type { LabelGrid } from '#formats/image-format.ts';
import { type ImageVolume, withoutSurplusAlpha } from '#formats/image-volume.ts';
import { asLabelVoxels } from '#formats/nifti.ts';
import { FileUnusableError } from '../file.ts';

/** A label map on its grid. */
export interface ReadLabelMap extends LabelGrid {
  /** What it is to the case: `the prediction`. */
  readonly name: string;
  /** (z, y, x) in C order. */
  readonly labels: Uint8Array | Uint16Array;
}

/** @throws {DatasetFaultError} naming the case, when the file is no label map. */
export async function readLabelMap(caseId: string, file: string, name: string): Promise<ReadLabelMap> {
  try {
    const { shape, spacing, geometry, data } = await readOneChannel(file);
    return { shape, spacing, geometry, name, labels: asLabelVoxels(data) };
  } catch (cause) {
    // RangeError: a value that is no label.
    if (!(cause instanceof BadInputError || cause instanceof RangeError)) throw cause;
    throw new DatasetFaultError(
      [{ caseId, kind: 'unreadable', message: `${name} is no label map: ${cause.message}` }],
      { cause },
    );
  }
}

/** @throws {BadInputError} when the file is gone, empty, unreadable, or has several channels. */
async function readOneChannel(file: string): Promise<ImageVolume> {
  const read = await readImage({ get: wholeFile }, file);
  if (read === undefined) throw new FileUnusableError('it is gone');
  const volume = withoutSurplusAlpha(read, 1);
  if (volume.channels === 1) return volume;
  throw new FileUnusableError(`it has ${volume.channels} channels (a fourth axis, or colours), expected one`);
}

async function wholeFile(path: string): Promise<Uint8Array | undefined> {
  const bytes = await orAbsent(() => readFile(path));
  if (bytes?.length === 0) throw new FileUnusableError('the file is empty; copy or predict it again');
  return bytes;
}
