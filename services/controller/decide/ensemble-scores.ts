import { type EnsembleResult, ensembleResultSchema } from '#steps/results.ts';
import type { ObservedStep } from './observed.ts';

/** What the ensemble step found, once it is done. */
export function ensembleScores(steps: readonly ObservedStep[]): EnsembleResult | undefined {
  const manifest = steps.find(({ node }) => node.kind === 'ensemble')?.manifest;
  return manifest === undefined || manifest === null ? undefined : ensembleResultSchema.parse(manifest.result);
}
