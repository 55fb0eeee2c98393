import { Graphviz } from '@hpcc-js/wasm-graphviz';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { networkOf } from '#core/network/network-of.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { networkDot } from './network-dot.ts';

/** The network of a configuration on a data set as an SVG picture. */
export async function networkPicture(plan: ConfigurationPlan, dataset: DatasetDescription): Promise<string> {
  const graphviz = await Graphviz.load();
  const svg = graphviz.dot(networkDot(networkOf(plan, dataset), plan.patchSize));
  return svg.slice(svg.indexOf('<svg'));
}
