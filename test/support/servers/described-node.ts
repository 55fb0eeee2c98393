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
  const status = { capacity: resources, allocatable: resources, conditions: [readiness('True')] };
  const items = names.map((name) => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    status,
  }));
  await kubectl(['create', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
}

/** `True`: it is there. `Unknown`: nobody has heard of it for too long; the cluster gives up its pods in time. */
export async function sayNodeIs({ kubectl }: ControlPlane, name: string, ready: 'True' | 'Unknown'): Promise<void> {
  const patch = JSON.stringify({ status: { conditions: [readiness(ready)] } });
  await kubectl(['patch', 'node', name, '--subresource=status', '--type=merge', '--patch', patch]);
}

const readiness = (status: 'True' | 'Unknown') => ({
  type: 'Ready',
  status,
  reason: 'Described',
  message: 'a test says so',
});
