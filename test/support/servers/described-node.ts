import type { ControlPlane } from './control-plane.ts';

/**
 * Tells a control plane of a node that is not there, so that pods are bound to it: they never start.
 *
 * @param extended resources beside CPUs and memory, such as `{ 'nvidia.com/gpu': '2' }`.
 */
export async function describeNode(
  cluster: ControlPlane,
  name: string,
  extended: Readonly<Record<string, string>> = {},
): Promise<void> {
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name } } };
  const resources = { cpu: '32', memory: '256Gi', 'ephemeral-storage': '500Gi', pods: '110', ...extended };
  await cluster.kubectl(['apply', '--filename=-'], JSON.stringify(node));
  await patchStatus(cluster, name, { capacity: resources, allocatable: resources });
  await sayNodeIs(cluster, name, 'True');
}

/** `True`: it is there. `Unknown`: nobody has heard of it for too long; the cluster gives up its pods in time. */
export async function sayNodeIs(cluster: ControlPlane, name: string, status: 'True' | 'Unknown'): Promise<void> {
  const ready = { type: 'Ready', status, reason: 'Described', message: 'a test says so' };
  await patchStatus(cluster, name, { conditions: [ready] });
}

const patchStatus = ({ kubectl }: ControlPlane, name: string, status: object): Promise<string> =>
  kubectl(['patch', 'node', name, '--subresource=status', '--type=merge', '--patch', JSON.stringify({ status })]);
