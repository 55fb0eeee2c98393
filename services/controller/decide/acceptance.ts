import { planResultSchema } from '#steps/results.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import { chosenConfigurations } from '#steps/unfold.ts';
import type { Observed } from './observed.ts';

/** Why a valid spec cannot be carried out on its data set, as soon as that is planned; else `null`. */
export function refusal({ task, steps }: Pick<Observed, 'task' | 'steps'>): StepFailure | null {
  const plan = steps.find(({ node }) => node.kind === 'plan')?.manifest;
  if (plan === undefined || plan === null) return null;
  const planned = planResultSchema.parse(plan.result).configurations;
  const { missing } = chosenConfigurations(task.spec.configurations, planned);
  if (missing.length === 0) return null;
  const message =
    `spec.configurations asks for ${missing.join(', ')}, but the plans of this data set contain ` +
    `${planned.map(({ name }) => name).join(', ')} only; ask for those`;
  return { code: 'CONFIGURATION_NOT_PLANNED', message };
}
