import type { Engine, Network } from '#compute/engine.ts';
import { networkOf } from '#core/network/network-of.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import type { FoldName } from '#core/training/folds.ts';
import type { CheckpointName, ModelFolder } from './model-folder.ts';

/** A configuration of a model, ready to predict. */
export interface Member {
  readonly configuration: ConfigurationPlan;
  /** What must be predicted first; `null` but for a cascade. */
  readonly previous: Member | null;
  /** One per fold. */
  readonly networks: readonly Network[];
}

/**
 * Compiles one network per fold, noting each in `opened` as soon as it exists, so that a failure can close it.
 *
 * @param previous the stage that it builds on: its labels are further channels of the input.
 */
export async function openMember(
  model: ModelFolder,
  engine: Engine,
  configuration: ConfigurationPlan,
  previous: Member | null,
  { folds, checkpoint }: { readonly folds: readonly FoldName[]; readonly checkpoint: CheckpointName },
  opened: Network[],
): Promise<Member> {
  const graph = networkOf(configuration, model.dataset);
  const networks: Network[] = [];
  for (const fold of folds) {
    const weights = await model.weights(configuration.name, fold, checkpoint);
    const network = await engine.compile(graph);
    opened.push(network);
    networks.push(network);
    await network.setWeights(weights);
  }
  return { configuration, previous, networks };
}
