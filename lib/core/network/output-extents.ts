import type { NetworkGraph } from './graph.ts';

/**
 * Spatial extent of each output for an input extent, highest resolution first.
 *
 * @param input per axis, multiples of the graph's `divisor`.
 */
export function outputExtents(graph: NetworkGraph, input: readonly number[]): number[][] {
  const extents = nodeExtents(graph, input);
  return graph.outputs.map((output) => [...(extents[output] ?? [])]);
}

/** Spatial extent of every node's result for an input extent, by node. */
export function nodeExtents(graph: NetworkGraph, input: readonly number[]): (readonly number[])[] {
  const extents: (readonly number[])[] = [];
  for (const node of graph.nodes) {
    switch (node.op) {
      case 'input':
        extents.push(input);
        break;
      case 'convolution':
      case 'average-pool':
        extents.push(scaled(extents[node.from], node.stride, (extent, step) => Math.ceil(extent / step)));
        break;
      case 'transposed-convolution':
        extents.push(scaled(extents[node.from], node.stride, (extent, step) => extent * step));
        break;
      case 'instance-norm':
      case 'leaky-relu':
        extents.push(extents[node.from] ?? []);
        break;
      case 'add':
      case 'concatenate':
        extents.push(extents[node.from[0] ?? 0] ?? []);
        break;
    }
  }
  return extents;
}

const scaled = (
  extent: readonly number[] | undefined,
  stride: readonly number[],
  scale: (extent: number, step: number) => number,
): number[] => stride.map((step, axis) => scale(extent?.[axis] ?? 0, step));
