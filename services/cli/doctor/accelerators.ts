import { counted } from '#core/counted.ts';
import type { NodeSeen, PodRequests } from '#platform/kube/cluster-probe.ts';

/** An accelerator as nodes offer it. */
export interface Offered {
  /** `nvidia.com/gpu`, `nvidia.com/mig-3g.40gb` */
  readonly resource: string;
  readonly count: number;
  /** Of them, what no pod holds; `null` where pods may not be looked at. */
  readonly free: number | null;
  /** What the node with most free ones has free, as no pod spans nodes. */
  readonly mostOnOneNode: number | null;
  readonly nodes: number;
}

/** Resources by which device plugins offer GPUs and parts of them. */
const isAccelerator = (resource: string): boolean => /^[a-z0-9.-]+\/(gpu|mig-.+|.*gpu.*|i915|xe)$/.test(resource);

/** Accelerators of all nodes that take pods. @param pods `null` where they may not be looked at. */
export function offeredAccelerators(nodes: readonly NodeSeen[], pods: readonly PodRequests[] | null): Offered[] {
  const ready = nodes.filter((node) => node.ready);
  const resources = [...new Set(ready.flatMap(({ allocatable }) => Object.keys(allocatable)))].filter(isAccelerator);
  return resources.sort().flatMap((resource) => {
    const offering = ready.filter(({ allocatable }) => Number(allocatable[resource] ?? 0) > 0);
    if (offering.length === 0) return [];
    const free = pods && offering.map((node) => freeOn(node, resource, pods));
    return [
      {
        resource,
        count: sumOf(offering.map(({ allocatable }) => Number(allocatable[resource]))),
        free: free && sumOf(free),
        mostOnOneNode: free && Math.max(...free),
        nodes: offering.length,
      },
    ];
  });
}

function freeOn({ name, allocatable }: NodeSeen, resource: string, pods: readonly PodRequests[]): number {
  const held = pods.filter(({ node }) => node === name).map(({ requests }) => Number(requests[resource] ?? 0));
  return Number(allocatable[resource]) - sumOf(held);
}

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

/** `nvidia.com/gpu: 8 on 2 nodes, 3 free, at most 2 of them on one node` */
export function offeredText({ resource, count, free, mostOnOneNode, nodes }: Offered): string {
  const freeText = free === null ? '' : `, ${free} free`;
  const spread = free !== null && nodes > 1 && free > 0 ? `, at most ${mostOnOneNode} of them on one node` : '';
  return `${resource}: ${count} on ${counted(nodes, 'node')}${freeText}${spread}`;
}

/** Labels by which node feature discovery, or NVIDIA's operator, marks a machine that has NVIDIA hardware. */
const NVIDIA_LABELS = ['nvidia.com/gpu.present', 'feature.node.kubernetes.io/pci-10de.present'];

/** Nodes that are marked as having NVIDIA GPUs and offer none: their device plugin does not run, or finds no driver. */
export const silentNodes = (nodes: readonly NodeSeen[]): string[] =>
  nodes
    .filter(({ labels }) => NVIDIA_LABELS.some((label) => labels[label] === 'true'))
    .filter(({ allocatable }) =>
      Object.entries(allocatable).every(([resource, count]) => !resource.startsWith('nvidia.com/') || count === '0'),
    )
    .map(({ name }) => name);
