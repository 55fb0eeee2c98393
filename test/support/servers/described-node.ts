import type { ControlPlane } from './control-plane.ts';

/**
 * Tells a control plane of a node that is not there, so that pods are bound to it: they never start.
 *
 * @param extended resources beside CPUs and memory, such as `{ 'nvidia.com/gpu': '2' }`.
 */
export const describeNode = (
  cluster: ControlPlane,
  name: string,
  extended: Readonly<Record<string, string>> = {},
): Promise<void> => describeNodes(cluster, [name], extended);

/** Many nodes, each as `describeNode` has it. */
export async function describeNodes(
  { kubectl }: ControlPlane,
  names: readonly string[],
  extended: Readonly<Record<string, string>>,
): Promise<void> {
  const resources = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '500Gi', pods: '110', ...extended };
  const ready = { type: 'Ready', status: 'True', reason: 'Described', message: 'a test says so' };
  const status = { capacity: resources, allocatable: resources, conditions: [ready] };
  const items = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status,
  }));
  await kubectl(['create', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}
