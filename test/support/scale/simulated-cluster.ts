import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestCluster, type TestCluster } from '../cluster/test-cluster.ts';
import { describeNodes } from '../servers/described-node.ts';
import { startKwok } from '../servers/kwok.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** A cluster of many nodes whose pods succeed by themselves, which writes down what it is asked. */
export interface SimulatedCluster extends TestCluster {
  /** A line of JSON for each request of a service account of ours. */
  readonly auditLog: string;
}

/** Long enough for the outputs to be there before a worker ends. */
const POD_MS = 1000;

/** Whose requests are written down: those of the account that `allowController` makes. */
const controllerOf = (namespace: string): string => `system:serviceaccount:${namespace}:pentafold-controller`;

/**
 * Raises what would hold the simulation itself up: how much the programs of Kubernetes do at once. Our own controller is as
 * it always is.
 *
 * @param namespace whose controller's requests are written down.
 */
export async function startSimulatedCluster(nodes: number, namespace: string): Promise<SimulatedCluster> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await temporaryFolder());
  const auditLog = join(folder, 'audit.log');
  const policy = join(folder, 'audit-policy.json');
  await writeFile(policy, JSON.stringify(auditPolicy(namespace)));
  const unhurried = ['--kube-api-qps=2000', '--kube-api-burst=4000'];
  const flags = {
    etcd: ['--quota-backend-bytes=8589934592'],
    apiServer: [
      ...['--max-requests-inflight=3000', '--max-mutating-requests-inflight=1500'],
      ...[`--audit-policy-file=${policy}`, `--audit-log-path=${auditLog}`, '--audit-log-maxsize=100000'],
    ],
    controllerManager: [...unhurried, '--concurrent-job-syncs=50'],
    scheduler: unhurried,
  };
  const cluster = resources.use(await startTestCluster({ nodes: 0, store: 'versitygw', flags }));
  resources.use(await startKwok(cluster.controlPlane, POD_MS));
  const names = Array.from({ length: nodes }, (_, i) => `node-${i}`);
  await describeNodes(cluster.controlPlane, names, { 'example.com/gpu': '8' });
  const owned = resources.move();
  return { ...cluster, auditLog, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const auditPolicy = (namespace: string): object => ({
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', users: [controllerOf(namespace)] }, { level: 'None' }],
});
