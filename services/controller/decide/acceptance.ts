import type { TaskSpec } from '#api/v1alpha1/kinds.ts';
import type { StepFailure } from '#steps/step-failure.ts';

/** What this version can train, and plans when the Task leaves the choice to the plans. */
export const TRAINABLE_CONFIGURATIONS = ['2d', '3d_fullres'] as const;

/** Why a valid spec cannot be carried out by this version, or `null`. */
export function refusal(spec: TaskSpec): StepFailure | null {
  const unsupported = (spec.configurations ?? []).filter((name) => !isTrainable(name));
  if (unsupported.length === 0) return null;
  const message =
    `spec.configurations asks for ${unsupported.join(', ')}; this version trains ` +
    `${TRAINABLE_CONFIGURATIONS.join(' and ')}. Leave the others out`;
  return { code: 'CONFIGURATION_NOT_SUPPORTED', message };
}

const isTrainable = (name: string): boolean => TRAINABLE_CONFIGURATIONS.some((trainable) => trainable === name);
