import type { TaskSpec } from '#api/v1alpha1/kinds.ts';
import type { StepFailure } from '#steps/attempt-writer.ts';

const SUPPORTED: readonly string[] = ['2d', '3d_fullres'];

/** Why a valid spec cannot be carried out by this version, or `null`. */
export function refusal(spec: TaskSpec): StepFailure | null {
  const unsupported = (spec.configurations ?? []).filter((name) => !SUPPORTED.includes(name));
  if (unsupported.length === 0) return null;
  const message =
    `spec.configurations asks for ${unsupported.join(', ')}; this version trains ${SUPPORTED.join(' and ')}. ` +
    'Leave the others out';
  return { code: 'CONFIGURATION_NOT_SUPPORTED', message };
}
