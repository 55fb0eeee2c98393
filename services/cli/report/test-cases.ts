// The test cases of a report: their scores as `pentafold evaluate` wrote them, and the files to draw.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { readNifti } from '#formats/nifti.ts';
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
  readonly cases: readonly { readonly caseId: string; readonly dice: readonly (number | null)[] }[];
}

const metrics = z.object({ Dice: z.number().nullable() });
const summary = z.object({
  foreground_mean: metrics,
  metric_per_case: z.array(z.object({ prediction_file: z.string(), metrics: z.record(z.string(), metrics) })),
});

/** Reads `summary.json` of the predictions. JSON has no NaN: nnU-Net's bare token becomes `null`. */
export async function readTestScores({ predictions }: TestFolders): Promise<TestScores> {
  const text = await readFile(join(predictions, 'summary.json'), 'utf8');
  const { foreground_mean, metric_per_case } = summary.parse(JSON.parse(text.replaceAll(/\bNaN\b/g, 'null')));
  return {
    meanDice: foreground_mean.Dice,
    cases: metric_per_case.map((scored) => ({
      caseId: basename(scored.prediction_file).replace(/\.nii(\.gz)?$/, ''),
      dice: Object.values(scored.metrics).map(({ Dice }) => Dice),
    })),
  };
}

/** The first channel, the reference and the prediction of a case. */
export async function readOverlayCase(folders: TestFolders, caseId: string): Promise<OverlayCase> {
  const read = async (folder: string, name: string) => readNifti(await readFile(join(folder, name)));
  const image = await read(folders.images, `${caseId}_0000.nii.gz`);
  const [z = 1, y = 1, x = 1] = image.shape;
  return {
    shape: [z, y, x],
    image: image.data.subarray(0, z * y * x),
    reference: (await read(folders.references, `${caseId}.nii.gz`)).data,
    prediction: (await read(folders.predictions, `${caseId}.nii.gz`)).data,
  };
}
