// The test cases of a report: their scores as `pentafold evaluate` wrote them, and the files to draw.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { labelKey } from '#core/dataset/label-or-region.ts';
import { readImage } from '#datasets/read-image.ts';
import { orAbsent } from '#files/or-absent.ts';
import { IMAGE_ENDINGS, stemOf } from '#formats/image-file-name.ts';
import type { ImageVolume } from '#formats/image-volume.ts';
import { orNull } from '../evaluate/printed-metric.ts';
import { readSummary } from '../evaluate/read-summary.ts';
import { FolderUnusableError } from '../folder.ts';
import type { OverlayCase } from './overlay.ts';

/** Folders in nnU-Net layout: `<case>_0000.nii.gz`, `<case>.nii.gz`, and predictions with their summary.json. */
export interface TestFolders {
  readonly images: string;
  readonly references: string;
  readonly predictions: string;
}

export interface TestScores {
  /** Mean over labels of the mean over cases; `null` when a label has no score anywhere. */
  readonly meanDice: number | null;
  /** What was scored, as the summary names it: a label's number. */
  readonly labels: readonly string[];
  /** Dice by label, in the order of `labels`. */
  readonly cases: readonly { readonly caseId: string; readonly dice: readonly (number | null)[] }[];
}

/**
 * Reads `summary.json` of the predictions.
 *
 * @throws {FolderUnusableError} when they have not been evaluated. @throws {FileUnusableError}
 */
export async function readTestScores({ predictions }: TestFolders): Promise<TestScores> {
  const summary = await readSummary(predictions);
  if (summary === undefined)
    throw new FolderUnusableError(`there is no summary.json in ${predictions}; run pentafold evaluate on it first`);
  const { foregroundMean, labels, cases } = summary;
  return {
    meanDice: orNull(foregroundMean.dice),
    labels: labels.map(labelKey),
    cases: cases.map(({ predictionFile, metrics }) => ({
      caseId: stemOf(predictionFile),
      dice: metrics.map(({ dice }) => orNull(dice)),
    })),
  };
}

/**
 * The first channel, the reference and the prediction of a case.
 *
 * @throws {FolderUnusableError} naming the case and the folder that lacks it.
 */
export async function readOverlayCase(folders: TestFolders, caseId: string): Promise<OverlayCase> {
  const image = await readOneOf(folders.images, caseId, [`${caseId}_0000`, caseId]);
  const [z = 1, y = 1, x = 1] = image.shape;
  return {
    shape: [z, y, x],
    image: image.data.subarray(0, z * y * x),
    firstRow: image.firstRow,
    reference: (await readOneOf(folders.references, caseId, [caseId])).data,
    prediction: (await readOneOf(folders.predictions, caseId, [caseId])).data,
  };
}

async function readOneOf(folder: string, caseId: string, stems: readonly string[]): Promise<ImageVolume> {
  const store = { get: (name: string) => orAbsent(() => readFile(join(folder, name))) };
  for (const name of stems.flatMap((stem) => IMAGE_ENDINGS.map((ending) => `${stem}${ending}`))) {
    const volume = await readImage(store, name);
    if (volume !== undefined) return volume;
  }
  throw new FolderUnusableError(`there is no file of case ${caseId} in ${folder}`);
}
