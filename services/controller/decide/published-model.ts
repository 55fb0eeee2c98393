import { API_VERSION, type Model, type Task } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import { modelName } from '#steps/node-plans.ts';
import { publishResultSchema } from '#steps/results.ts';

/** The Model that a publish manifest stands for, one version above what has its name now. */
export function publishedModel(task: Task, manifest: Manifest, standing: Model | null, now: Date): Model {
  const { best } = publishResultSchema.parse(manifest.result);
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: { name: modelName(task), creationTimestamp: now.toISOString() },
    spec: { version: (standing?.spec.version ?? 0) + 1, task: task.metadata.name, step: manifest.step, best },
  };
}
