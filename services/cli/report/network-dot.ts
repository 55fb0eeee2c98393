import type { GraphNode, NetworkGraph } from '#core/network/graph.ts';

/**
 * The network as a Graphviz document: one box per block (convolution with its norm and activation), resolutions as
 * ranks, so that the U can be seen.
 *
 * @param patchSize extent the network sees, for the sizes written in the boxes.
 */
export function networkDot(graph: NetworkGraph, patchSize: readonly number[]): string {
  const blocks = fuseBlocks(graph, patchSize);
  const lines = blocks.flatMap((block) => [
    `n${block.id} [label="${block.label}" fillcolor="${block.colour}"]`,
    ...block.from.map((source) => `n${source} -> n${block.id}${block.from.length > 1 ? ' [penwidth=1.6]' : ''}`),
  ]);
  return [
    'digraph network {',
    'rankdir=TB; bgcolor="white"; nodesep=0.25; ranksep=0.28;',
    'node [shape=box style="filled,rounded" fontname="sans-serif" fontsize=10 color="#666666" margin="0.3,0.06"];',
    'edge [color="#666666" arrowsize=0.6];',
    ...lines,
    '}',
  ].join('\n');
}

interface Block {
  readonly id: number;
  readonly label: string;
  readonly colour: string;
  readonly from: readonly number[];
}

const COLOURS = {
  input: '#eeeeee',
  convolution: '#cfe2f3',
  'transposed-convolution': '#d9ead3',
  concatenate: '#fff2cc',
  output: '#f4cccc',
};

/** Norm and activation are drawn as part of the convolution before them. */
function fuseBlocks(graph: NetworkGraph, patchSize: readonly number[]): Block[] {
  const drawnAs: number[] = [];
  const extents: (readonly number[])[] = [];
  const blocks: Block[] = [];
  graph.nodes.forEach((node, id) => {
    const sources = sourcesOf(node);
    extents[id] = extentAfter(node, extents[sources[0] ?? 0] ?? patchSize);
    if (node.op === 'instance-norm' || node.op === 'leaky-relu') {
      drawnAs[id] = drawnAs[node.from] ?? node.from;
      return;
    }
    drawnAs[id] = id;
    blocks.push({
      id,
      label: labelOf(node, extents[id] ?? patchSize, graph.outputs.includes(id)),
      colour: graph.outputs.includes(id) ? COLOURS.output : COLOURS[node.op],
      from: sources.map((source) => drawnAs[source] ?? source),
    });
  });
  return blocks;
}

function sourcesOf(node: GraphNode): readonly number[] {
  if (node.op === 'input') return [];
  return node.op === 'concatenate' ? node.from : [node.from];
}

function extentAfter(node: GraphNode, before: readonly number[]): readonly number[] {
  if (node.op === 'convolution') return before.map((n, axis) => Math.ceil(n / (node.stride[axis] ?? 1)));
  if (node.op === 'transposed-convolution') return before.map((n, axis) => n * (node.stride[axis] ?? 1));
  return before;
}

function labelOf(node: GraphNode, extent: readonly number[], isOutput: boolean): string {
  const shape = `${node.channels} × ${extent.join('×')}`;
  switch (node.op) {
    case 'input':
      return `image\\n${shape}`;
    case 'convolution':
      if (isOutput) return `segmentation head\\n${shape}`;
      return `conv ${node.kernel.join('×')}${strideText(node.stride)} · norm · leaky ReLU\\n${shape}`;
    case 'transposed-convolution':
      return `up ${node.stride.join('×')}\\n${shape}`;
    case 'concatenate':
      return `concatenate\\n${shape}`;
    case 'instance-norm':
    case 'leaky-relu':
      return shape;
  }
}

const strideText = (stride: readonly number[]): string =>
  stride.every((s) => s === 1) ? '' : ` / ${stride.join('×')}`;
