import type { Task } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import { SHOWN_OUTPUTS } from '#steps/shown-outputs.ts';
import { stepDigest } from '#steps/step.ts';
import type { StepStore } from '#steps/step-store.ts';
import { type StepNode, unfold } from '#steps/unfold.ts';
import { aManifest } from './observed-task.ts';

/**
 * Makes the steps of these keys done, inputs first, with results as `aManifest` gives them.
 *
 * @returns the digests of all steps that have a name then, by key.
 */
export async function finishSteps(
  steps: StepStore,
  task: Task,
  revision: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const manifests = new Map<string, Manifest>();
  for (;;) {
    const nodes = unfold(task, { revision, manifests, pretrainedWeights: new Map() });
    const next = nodes.find(({ key, identity }) => identity !== null && keys.includes(key) && !manifests.has(key));
    if (next === undefined) return digestsOf(nodes);
    const { step, result } = aManifest(next);
    await steps.begin(step, 1);
    const writer = steps.attempt(step, 1);
    if (next.kind !== 'publish') for (const path of SHOWN_OUTPUTS[next.kind]) await writer.writeText(path, path);
    await writer.commit(result);
    const manifest = await steps.manifest(step);
    if (manifest !== undefined) manifests.set(next.key, manifest);
  }
}

const digestsOf = (nodes: readonly StepNode[]): Map<string, string> =>
  new Map(nodes.flatMap(({ key, identity }) => (identity === null ? [] : [[key, stepDigest(identity)] as const])));
