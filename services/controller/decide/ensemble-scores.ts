import * as z from 'zod';
import type { EnsembleResult } from '#steps/results.ts';
import type { ObservedStep } from './observed.ts';

/** What the ensemble step found, once it is done. */
export function ensembleScores(steps: readonly ObservedStep[]): EnsembleResult | undefined {
  const manifest = steps.find(({ node }) => node.kind === 'ensemble')?.manifest;
  return manifest === undefined || manifest === null ? undefined : ensembleResult.parse(manifest.result);
}

const ensembleResult: z.ZodType<EnsembleResult> = z.object({
  ranking: z.array(
    z.object({ members: z.array(z.string()), voting: z.enum(['soft', 'hard']), meanDice: z.number().nullable() }),
  ),
  configurations: z.array(z.object({ name: z.string(), meanDice: z.number().nullable() })),
});
