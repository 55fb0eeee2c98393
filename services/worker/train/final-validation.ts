// After the last epoch: every validation case is predicted as a new case would be, and scored on its own raw grid.

import * as z from 'zod';
import type { Network } from '#compute/engine.ts';
import { withPreviousStageChannels } from '#core/cascade/previous-stage-channels.ts';
import { labelMap } from '#core/dataset/label-map.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import type { Metrics } from '#core/evaluation/metrics.ts';
import { type EvaluatedCase, type Summary, summarize } from '#core/evaluation/summary.ts';
import { countsToJson, formatSummary } from '#core/evaluation/summary-json.ts';
import { inParallel } from '#core/in-parallel.ts';
import { restoreProbabilities } from '#core/inference/restore-to-grid.ts';
import type { PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import { writeNifti } from '#formats/nifti.ts';
import { metricsSchema } from '#formats/summary-json.ts';
import { decodeCase, encodeZarrArray, volumeChunks } from '#formats/zarr.ts';
import { predictLogits } from '#prediction/predict-case.ts';
import type { AttemptWriter } from '#steps/attempt-writer.ts';
import type { SourceCase } from '#steps/cases.ts';
import { PREDICTED_CASE_UNITS } from '#steps/forecast.ts';
import type { StepContext } from '#steps/step-context.ts';
import { validationMapPath, validationProbabilitiesPath } from '#steps/validation-outputs.ts';
import { readSource } from '../verified-source.ts';
import type { Fold } from './fold.ts';
import { writeNextStages } from './next-stages.ts';

/** Work of predicting cases, in the units of the forecast. */
export const validationUnits = (cases: number): number => cases * PREDICTED_CASE_UNITS;

/**
 * Predicts and scores the fold's validation cases and writes what the ensemble needs of them.
 *
 * A case that an earlier attempt finished with the same weights is taken over.
 *
 * @param weightsDigest of those that `network` has.
 * @param unitsBefore work done in training, for the progress.
 * @returns `yielded` when the step was asked to stop.
 */
export async function validateFold(
  context: StepContext,
  fold: Fold,
  { network, weightsDigest }: { readonly network: Network; readonly weightsDigest: string },
  unitsBefore: number,
): Promise<Summary | 'yielded'> {
  const cases = fold.validation.length;
  const evaluated: EvaluatedCase[] = [];
  for (const [i, source] of fold.validation.entries()) {
    if (context.stop.requested !== 'none') return 'yielded';
    const done = unitsBefore + validationUnits(i);
    context.progress(`validating case ${i + 1} of ${cases}`, done, unitsBefore + validationUnits(cases));
    const { caseId, label } = source;
    const facts = await context.part(`validation/${caseId}`, weightsDigest, async (output) => {
      const made = await validateCase(context, output, fold, network, source);
      return made.map(countsToJson);
    });
    const metrics = z.array(metricsSchema).parse(facts);
    evaluated.push({ predictionFile: `${caseId}.nii.gz`, referenceFile: label.path, metrics });
  }
  const summary = summarize(fold.labels.targets, evaluated);
  await context.output.writeText('validation/summary.json', formatSummary(summary));
  return summary;
}

async function validateCase(
  { description, datasets }: StepContext,
  output: Pick<AttemptWriter, 'write'>,
  fold: Fold,
  network: Network,
  source: SourceCase,
): Promise<Metrics[]> {
  const { caseId } = source;
  const { plans, configuration, labels, options, preprocessed } = fold;
  const arrays = `cases/${caseId}`;
  const ready = await decodeCase(arrays, await preprocessed.readFolder(arrays));
  const logits = await predictLogits(network, await inputOf(fold, ready), configuration, options);
  await writeNextStages(output, fold, caseId, logits, ready.record);
  const probabilities = restoreProbabilities(logits, ready.record, plans, configuration, labels);
  const segmentation = labelMap(probabilities, labels);

  const raw = await readSource(datasets(description.datasetUri), source, fold.dataset);
  const { shape } = raw.label;
  const path = validationProbabilitiesPath(caseId);
  const grid = [labels.heads, ...shape];
  const entries = encodeZarrArray(path, grid, 'float32', probabilities, volumeChunks(grid));
  entries.set(validationMapPath(caseId), writeNifti(segmentation, shape, raw.geometry));
  await inParallel(entries, ([key, bytes]) => output.write(key, bytes));
  return evaluateCase(segmentation, raw.label.data, labels.targets, labels.ignore);
}

/** What the network sees of a case: for a cascade also what the stage before saw, unchanged. */
async function inputOf(
  { previousStage, labels }: Fold,
  ready: PreprocessedCase,
): Promise<Pick<PreprocessedCase, 'image'>> {
  if (previousStage === null) return ready;
  const seen = await previousStage.labels(ready.caseId);
  return { image: withPreviousStageChannels(ready.image, seen, labels.foreground) };
}
