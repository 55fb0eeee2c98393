import type { ObservedStep } from './observed.ts';

/**
 * Whether another attempt at a step has taken an attempt's place: the step is done by another one, or a later one runs.
 *
 * That is so of a worker on a machine that was given up as lost. What it writes is heeded by nobody, but it holds its
 * machine.
 */
export function isSuperseded(
  { manifest, attempts }: Pick<ObservedStep, 'manifest' | 'attempts'>,
  attempt: number,
): boolean {
  if (manifest !== null) return manifest.attempt !== attempt;
  return attempts.some((other) => other.attempt > attempt && other.run.kind === 'running');
}
