import { API_VERSION, type Model, type Task } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import { modelName } from '#steps/node-plans.ts';
import { publishResultSchema } from '#steps/results.ts';

/**
 * The Model that a publish manifest stands for, one version above what has its name now, or had when this Task last
 * published it.
 */
export function publishedModel(task: Task, manifest: Manifest, standing: Model | null, now: Date): Model {
  const { best } = publishResultSchema.parse(manifest.result);
  const name = modelName(task);
  const before = task.status?.model?.name === name ? task.status.model.version : 0;
  const version = Math.max(standing?.spec.version ?? 0, before) + 1;
  return {
    apiVersion: API_VERSION,
    kind: 'Model',
    metadata: { name, creationTimestamp: now.toISOString() },
    spec: { version, task: task.metadata.name, step: manifest.step, best },
  };
}
