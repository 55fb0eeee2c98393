import { Graphviz } from '@hpcc-js/wasm-graphviz';
import { buildNetwork } from '#core/network/build-network.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { networkDot } from './network-dot.ts';

/** The network of a configuration as an SVG picture. */
export async function networkPicture(plan: ConfigurationPlan, inputChannels: number, heads: number): Promise<string> {
  const graphviz = await Graphviz.load();
  const svg = graphviz.dot(networkDot(buildNetwork(plan.architecture, inputChannels, heads), plan.patchSize));
  return svg.slice(svg.indexOf('<svg'));
}
