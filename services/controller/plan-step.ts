// The `plan` step: arithmetic on a fingerprint, so the controller carries it out itself, by the same attempts and
// manifests as every other step.

import { labelScheme } from '#core/dataset/labels.ts';
import { BadInputError } from '#core/errors.ts';
import { caseBytes, trainingBytes } from '#core/planning/forecast-memory.ts';
import { PLANNABLE_CONFIGURATIONS, planExperiment } from '#core/planning/plan-experiment.ts';
import { arraysOf } from '#core/planning/stages.ts';
import { type FoldCount, type Split, splitsOf } from '#core/training/folds.ts';
import { formatDatasetJson } from '#formats/dataset-json.ts';
import { parseFingerprint } from '#formats/fingerprint-json.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { readerWriterName } from '#formats/reader-writer-name.ts';
import { formatSplits } from '#formats/splits-json.ts';
import type { AttemptWriter } from '#steps/attempt-writer.ts';
import { readCases } from '#steps/cases.ts';
import { planOptionsSchema } from '#steps/options.ts';
import type { PlanResult } from '#steps/results.ts';
import type { StepDescription } from '#steps/step.ts';
import { failureOf, type StepFailure } from '#steps/step-failure.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import type { StepStore } from '#steps/step-store.ts';

/**
 * Carries one attempt at a plan step out.
 *
 * @returns why it failed, if it did; the failure is stored as well.
 */
export async function runPlanStep(
  store: StepStore,
  step: string,
  attempt: number,
): Promise<(StepFailure & { readonly badInput: boolean }) | undefined> {
  const writer = store.attempt(step, attempt);
  try {
    const result = await writePlan(store, await store.description(step), writer);
    await writer.commit(result);
    return undefined;
  } catch (error) {
    const failure = failureOf(error);
    await writer.fail(failure);
    return { ...failure, badInput: error instanceof BadInputError };
  }
}

async function writePlan(store: StepStore, description: StepDescription, writer: AttemptWriter): Promise<PlanResult> {
  const options = planOptionsSchema.parse(description.identity.options);
  const ingested = await ingestOutputs(store, description);
  const cases = await readCases(ingested);
  const fingerprint = parseFingerprint(await ingested.readText('dataset_fingerprint.json'));
  const plans = planExperiment(fingerprint, cases.dataset, {
    planner: options.planner.name,
    imageReaderWriter: readerWriterName(cases.dataset.fileEnding, fingerprint.shapesAfterCrop),
    gpuMemoryTargetGiB: gibibytes(options.planner.gpuMemoryTarget),
    overrides: options.planner.overrides,
    configurations: PLANNABLE_CONFIGURATIONS,
  });
  const caseIds = cases.training.map(({ caseId }) => caseId).sort();
  await writer.writeText('plans.json', formatPlans(plans));
  await writer.writeText('splits_final.json', formatSplits(splitsIfEnough(caseIds, options.folds)));
  await writer.writeText('dataset.json', formatDatasetJson(cases.dataset));
  return {
    configurations: plans.configurations.map((plan) => ({
      name: plan.name,
      arraysOf: arraysOf(plan, plans.configurations),
      previousStage: plan.previousStage,
      trainingBytes: trainingBytes(plan, cases.dataset.labels.length),
    })),
    caseBytes: caseBytes(plans, labelScheme(cases.dataset).heads),
  };
}

/** None for too few cases: plans and preprocessed arrays are of use without folds. One who asks for a training is refused before. */
const splitsIfEnough = (caseIds: readonly string[], folds: FoldCount): Split[] =>
  folds !== 'all' && caseIds.length < folds ? [] : splitsOf(caseIds, folds);

async function ingestOutputs(store: StepStore, { inputSteps }: StepDescription): Promise<StepOutputs> {
  const { ingest } = inputSteps;
  if (ingest === undefined) throw new RangeError('a plan step needs the input ingest');
  return store.outputs(ingest);
}

/** `8Gi` → 8. */
const gibibytes = (quantity: string | undefined): number | null =>
  quantity === undefined ? null : Number.parseInt(quantity, 10);
