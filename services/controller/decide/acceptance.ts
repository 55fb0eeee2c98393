import { TooFewCasesForFoldsError } from '#core/training/folds.ts';
import { ingestResultSchema, planResultSchema } from '#steps/results.ts';
import type { Json, StepKind } from '#steps/step.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import { chosenConfigurations } from '#steps/unfold.ts';
import type { Observed } from './observed.ts';

/** Why a valid spec cannot be carried out on its data set, as soon as that is known; else `null`. */
export const refusal = (observed: Observed): StepFailure | null => tooFewCases(observed) ?? notPlanned(observed);

function tooFewCases(observed: Observed): StepFailure | null {
  const { folds } = observed.task.spec;
  const ingested = resultOf(observed, 'ingest');
  if (ingested === undefined || folds === 'all' || !observed.needsTraining) return null;
  const { trainingCases } = ingestResultSchema.parse(ingested);
  if (trainingCases >= folds) return null;
  const { code, message } = new TooFewCasesForFoldsError(trainingCases, folds);
  return { code, message };
}

function notPlanned(observed: Observed): StepFailure | null {
  const plan = resultOf(observed, 'plan');
  if (plan === undefined) return null;
  const planned = planResultSchema.parse(plan).configurations;
  const { missing } = chosenConfigurations(observed.task.spec.configurations, planned);
  if (missing.length === 0) return null;
  const message =
    `spec.configurations asks for ${missing.join(', ')}, but the plans of this data set contain ` +
    `${planned.map(({ name }) => name).join(', ')} only; ask for those`;
  return { code: 'CONFIGURATION_NOT_PLANNED', message };
}

/** `undefined` until the one step of this kind is done. */
const resultOf = ({ steps }: Observed, kind: StepKind): Json | undefined =>
  steps.find(({ node }) => node.kind === kind)?.manifest?.result;
