import type { TaskSpec } from '#api/v1alpha1/kinds.ts';
import { unplannedWeight } from '#steps/forecast.ts';
import type { JudgedStep } from './verdict.ts';

/** Share of the forecast work that is done, in [0, 1]; what running steps have reported counts. */
export function doneShare(spec: TaskSpec, steps: readonly JudgedStep[]): number {
  const planned = steps.some(({ node }) => node.kind === 'publish');
  const unseen = planned ? 0 : unplannedWeight(spec);
  const total = steps.reduce((sum, { node }) => sum + node.weight, unseen);
  const done = steps.reduce((sum, step) => sum + step.node.weight * stepShare(step), 0);
  return total === 0 ? 0 : done / total;
}

/** Share of one step that is done, in [0, 1], by what its attempt reports. */
export function stepShare({ standing }: JudgedStep): number {
  if (standing.kind === 'done') return 1;
  const progress = standing.kind === 'live' ? standing.attempt.progress : null;
  if (progress === null || progress.unitsTotal <= 0) return 0;
  return Math.min(1, progress.unitsDone / progress.unitsTotal);
}

/**
 * `42%`. Says 100 only of a Task that succeeded, and never less than `before`: forecasts fall when the plan becomes known.
 *
 * @param before what was said last under the same spec.
 */
export function progressText(share: number, succeeded: boolean, before: string | undefined): string {
  if (succeeded) return '100%';
  // What was done once, and now is not, begins anew.
  const least = before === undefined || before === '100%' ? 0 : Number.parseInt(before, 10);
  return `${Math.max(least, Math.min(99, Math.floor(share * 100)))}%`;
}
