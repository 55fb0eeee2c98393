// The network as a Graphviz document in the shape of a U: a row per resolution, a box per stage, the encoder on the left,
// skips across, the decoder and its segmentation heads on the right.

import { type GraphNode, type NetworkGraph, type NodeId, sourcesOf } from '#core/network/graph.ts';
import { nodeExtents } from '#core/network/output-extents.ts';

/** @param patchSize extent that the network sees, for the sizes written in the boxes. */
export function networkDot(graph: NetworkGraph, patchSize: readonly number[]): string {
  const boxes = boxesOf(graph, patchSize);
  return [
    'digraph network {',
    'rankdir=TB; bgcolor="white"; nodesep=0.45; ranksep=0.35;',
    'node [shape=box style="filled,rounded" fontname="Helvetica,sans-serif" fontsize=11 color="#666666" margin="0.28,0.08"];',
    'edge [color="#666666" fontname="Helvetica,sans-serif" fontsize=10 arrowsize=0.6];',
    ...boxes.map(({ id, label, colour }) => `n${id} [label="${label}" fillcolor="${colour}"];`),
    ...rows(boxes),
    ...boxes.flatMap(edgesInto),
    '}',
  ].join('\n');
}

interface Box {
  /** Of its first node. */
  readonly id: NodeId;
  readonly label: string;
  readonly colour: string;
  /** Spatial extent of its result. */
  readonly extent: string;
  readonly sources: readonly Source[];
}

/** Where a box takes a result from: through a transposed convolution, or as it is. */
interface Source {
  readonly box: NodeId;
  readonly upsampling: readonly number[] | null;
}

const COLOURS = { input: '#eeeeee', encoder: '#cfe2f3', decoder: '#d9ead3', head: '#f4cccc' };

function boxesOf(graph: NetworkGraph, patchSize: readonly number[]): Box[] {
  const extents = nodeExtents(graph, patchSize);
  const stages = stagesOf(graph);
  const stageOf = new Map(stages.flatMap((stage) => stage.map((id) => [id, stage[0] ?? id] as const)));
  const node = (id: NodeId): GraphNode => graph.nodes[id] ?? { op: 'input', channels: graph.inputChannels };
  const source = (id: NodeId): Source => {
    const from = node(id);
    if (from.op === 'transposed-convolution')
      return { box: stageOf.get(from.from) ?? from.from, upsampling: from.stride };
    return { box: stageOf.get(id) ?? id, upsampling: null };
  };
  return stages.map((stage): Box => {
    const [first = 0] = stage;
    const last = stage.at(-1) ?? first;
    const extent = (extents[last] ?? patchSize).join('×');
    const isHead = graph.outputs.includes(last);
    return {
      id: first,
      label: [...linesOf(stage.map(node), isHead), `${node(last).channels} × ${extent}`].join('\\n'),
      colour: colourOf(node(first), isHead),
      extent,
      sources: sourcesOf(node(first)).map(source),
    };
  });
}

/**
 * Nodes drawn as one box, in their order: a convolution with what follows it at the same resolution. Transposed
 * convolutions are in none; they are drawn as edges.
 */
function stagesOf(graph: NetworkGraph): NodeId[][] {
  const stages: NodeId[][] = [];
  graph.nodes.forEach((node, id) => {
    if (node.op === 'transposed-convolution') return;
    const before = stages.find((stage) => 'from' in node && stage.at(-1) === node.from);
    if (before === undefined || beginsStage(graph, node, id)) stages.push([id]);
    else before.push(id);
  });
  return stages;
}

const beginsStage = (graph: NetworkGraph, node: GraphNode, id: NodeId): boolean =>
  graph.outputs.includes(id) ||
  (node.op === 'convolution' && (node.from === 0 || node.stride.some((step) => step !== 1)));

function linesOf(stage: readonly GraphNode[], isHead: boolean): string[] {
  if (isHead) return ['segmentation head'];
  return stage.flatMap((node) => {
    switch (node.op) {
      case 'input':
        return ['image'];
      case 'convolution':
        return [
          `conv ${node.kernel.join('×')}${node.stride.every((step) => step === 1) ? '' : ` / ${node.stride.join('×')}`}`,
        ];
      case 'concatenate':
        return ['concatenate'];
      default:
        return [];
    }
  });
}

function colourOf(first: GraphNode, isHead: boolean): string {
  if (isHead) return COLOURS.head;
  if (first.op === 'input') return COLOURS.input;
  return first.op === 'concatenate' ? COLOURS.decoder : COLOURS.encoder;
}

/** Boxes of one resolution beside each other. */
const rows = (boxes: readonly Box[]): string[] =>
  [...new Set(boxes.map(({ extent }) => extent))].map(
    (row) => `{ rank=same; ${boxes.flatMap(({ id, extent }) => (extent === row ? [`n${id};`] : [])).join(' ')} }`,
  );

/** An edge upwards is stated downwards and drawn reversed, so that Graphviz keeps the higher resolution above. */
const edgesInto = ({ id, sources }: Box): string[] =>
  sources.map(({ box, upsampling }) =>
    upsampling === null
      ? `n${box} -> n${id}${sources.length > 1 ? ' [style=dashed]' : ''};`
      : `n${id} -> n${box} [dir=back label="    up ${upsampling.join('×')}"];`,
  );
