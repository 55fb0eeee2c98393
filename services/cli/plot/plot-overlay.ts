import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { DatasetFaultError, gridFaults } from '#core/dataset/integrity.ts';
import { BadInputError } from '#core/errors.ts';
import { product } from '#core/geometry/axes.ts';
import { type SliceOrientation, sliceOrientation } from '#core/geometry/slice-orientation.ts';
import { readImage } from '#datasets/read-image.ts';
import { orAbsent } from '#files/or-absent.ts';
import { imageEnding, stemOf } from '#formats/image-file-name.ts';
import type { ImageVolume } from '#formats/image-volume.ts';
import { indexToWorldRas } from '#formats/nifti-geometry.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { FileUnusableError, writeOutput } from '../file.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';
import { labelsPng } from '../report/overlay.ts';

export interface OverlayFiles {
  readonly image: string;
  readonly labels: string;
  readonly reference?: string;
  readonly out: string;
}

/**
 * Draws the slice with most foreground of a case: the first channel, the labels, and with a reference that and the errors.
 * A NIfTI that says where it lies also gets the plane's name and the directions at its edges.
 *
 * @throws {FileUnusableError} for a missing image, or an output that is no PNG.
 * @throws {DatasetFaultError} for files that cannot be read, each named, or label maps that lie on another grid.
 */
export async function plotOverlay({ image, labels, reference, out }: OverlayFiles): Promise<void> {
  if (!out.endsWith('.png')) throw new FileUnusableError(`${out}: expected a name that ends in .png`);
  const caseId = stemOf(labels);
  const volume = await readShown(caseId, image);
  const map = await readLabelMap(caseId, labels, 'the label map');
  const actual = reference === undefined ? null : await readLabelMap(caseId, reference, 'the reference');
  const faults = gridFaults(caseId, [{ ...volume, name: 'the image' }, map, ...(actual ? [actual] : [])]);
  if (faults.length > 0) throw new DatasetFaultError(faults);
  const firstChannel = volume.data.subarray(0, product(volume.shape));
  await writeOutput(
    out,
    await labelsPng(
      {
        shape: volume.shape,
        image: firstChannel,
        firstRow: volume.firstRow,
        orientation: orientationOf(image, volume),
      },
      map.labels,
      actual?.labels ?? null,
      labelNames(await declaredDataset([dirname(labels), dirname(reference ?? labels)])),
    ),
  );
}

/** `null` where nothing says how the image lies in the body: only NIfTI does, and not every one. */
function orientationOf(file: string, { geometry }: ImageVolume): SliceOrientation | null {
  const ending = imageEnding(file);
  if (ending !== '.nii' && ending !== '.nii.gz') return null;
  return geometry.sformCode > 0 || geometry.qformCode > 0 ? sliceOrientation(indexToWorldRas(geometry)) : null;
}

/** @throws {FileUnusableError} when there is no image. @throws {DatasetFaultError} naming it when it cannot be read. */
async function readShown(caseId: string, file: string): Promise<ImageVolume> {
  try {
    const volume = await readImage({ get: (path) => orAbsent(() => readFile(path)) }, file);
    if (volume !== undefined) return volume;
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause;
    const message = `the image ${file} cannot be read: ${cause.message}`;
    throw new DatasetFaultError([{ caseId, kind: 'unreadable', message }], { cause });
  }
  throw new FileUnusableError(`there is no file ${file}`);
}

/** The number of a label, and its name where a dataset.json says one. */
function labelNames(dataset: DatasetDescription | null): (label: number) => string {
  const names = new Map(dataset?.labels.map(({ name, value }) => [value, name]));
  return (label) => [`label ${label}`, ...(names.has(label) ? [names.get(label)] : [])].join(': ');
}
