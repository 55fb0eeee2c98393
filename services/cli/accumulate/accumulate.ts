import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { labelScheme } from '#core/dataset/labels.ts';
import { type Summary, summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { writeDurably } from '#files/durable-file.ts';
import { encodeNpz } from '#formats/npz.ts';
import { casesOfSummary } from '#formats/summary-json.ts';
import { readCases } from '#steps/cases.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { validatedCases, validationMapPath, validationProbabilities } from '#steps/validation-outputs.ts';
import { makeWholeFolder } from '../label-maps/new-folder.ts';

/** A configuration whose folds are all trained. */
export interface TrainedConfiguration {
  readonly ingest: StepOutputs;
  readonly plan: StepOutputs;
  /** In the order of the folds. */
  readonly folds: readonly StepOutputs[];
}

/**
 * Gathers what each fold predicted of the cases that it did not train on, as `nnUNetv2_accumulate_crossval_results` does:
 * label maps, dataset.json, plans.json and one summary.json of all. One case is in memory at a time; the folder is there
 * whole or not at all.
 *
 * @param saveProbabilities also writes `<case>.npz`, for `ensemble`.
 * @throws {FolderUnusableError} when something is in the output folder already.
 */
export async function accumulate(
  { ingest, plan, folds }: TrainedConfiguration,
  output: string,
  saveProbabilities: boolean,
): Promise<Summary> {
  const { targets } = labelScheme((await readCases(ingest)).dataset);
  const perFold = await Promise.all(folds.map((fold) => fold.readText('validation/summary.json')));
  const cases = perFold.flatMap((text) => casesOfSummary(text, targets));
  const summary = summarize(
    targets,
    cases.toSorted((a, b) => (a.predictionFile < b.predictionFile ? -1 : 1)),
  );
  await makeWholeFolder(output, async (folder) => {
    await mkdir(folder, { recursive: true });
    for (const fold of folds) await copyPredictions(fold, folder, saveProbabilities);
    for (const name of ['dataset.json', 'plans.json']) await writeDurably(join(folder, name), await plan.read(name));
    await writeDurably(join(folder, 'summary.json'), formatSummary(summary));
  });
  return summary;
}

async function copyPredictions(fold: StepOutputs, folder: string, saveProbabilities: boolean): Promise<void> {
  for (const caseId of validatedCases(fold)) {
    await writeDurably(join(folder, `${caseId}.nii.gz`), await fold.read(validationMapPath(caseId)));
    if (!saveProbabilities) continue;
    const arrays = new Map([['probabilities', await validationProbabilities(fold, caseId)]]);
    await writeDurably(join(folder, `${caseId}.npz`), encodeNpz(arrays));
  }
}
