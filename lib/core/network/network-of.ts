import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { buildNetwork } from './build-network.ts';
import type { NetworkGraph } from './graph.ts';

/**
 * The network of a configuration on a data set.
 *
 * A later stage of a cascade sees, after the channels of the image, one more per foreground label: where the stage before
 * saw it.
 *
 * @throws {RangeError} for an architecture that cannot be built, and labels that make no scheme.
 * @see nnU-Net v2, training/nnUNetTrainer/nnUNetTrainer.py, initialize, and utilities/label_handling/label_handling.py,
 *   determine_num_input_channels
 */
export function networkOf(
  { architecture, previousStage }: Pick<ConfigurationPlan, 'architecture' | 'previousStage'>,
  dataset: Pick<DatasetDescription, 'channelNames' | 'labels' | 'regionsClassOrder'>,
): NetworkGraph {
  const { heads, foreground } = labelScheme(dataset);
  const seen = previousStage === null ? 0 : foreground.length;
  return buildNetwork(architecture, dataset.channelNames.length + seen, heads);
}
