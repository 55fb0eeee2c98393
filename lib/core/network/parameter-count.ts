import { product } from '#core/geometry/axes.ts';
import type { NetworkGraph } from './graph.ts';

/** Numbers a training of this network learns. */
export const parameterCount = (graph: NetworkGraph): number =>
  graph.parameters.reduce((count, { shape }) => count + product(shape), 0);
