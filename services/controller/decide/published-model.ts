import * as z from 'zod';
import { API_VERSION, type Candidate, type Model, type Task } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import type { PublishResult } from '#steps/results.ts';
import { modelName } from '#steps/unfold.ts';

const publishResult: z.ZodType<PublishResult> = z.object({
  best: z.object({ members: z.array(z.string()), voting: z.enum(['soft', 'hard']), meanDice: z.number().nullable() }),
});

/** The Model that a publish manifest stands for, one version above what has its name now. */
export function publishedModel(task: Task, manifest: Manifest, standing: Model | null, now: Date): Model {
  const best: Candidate = publishResult.parse(manifest.result).best;
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: { name: modelName(task), creationTimestamp: now.toISOString() },
    spec: { version: (standing?.spec.version ?? 0) + 1, task: task.metadata.name, step: manifest.step, best },
  };
}
