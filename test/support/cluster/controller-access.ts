import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controllerRules } from '../../../deploy/rules/controller-rules.ts';
import type { ControlPlane } from '../servers/control-plane.ts';

const ACCOUNT = 'pentafold-controller';

/**
 * Lets the controller of a namespace do what its parts say that they do, and no more.
 *
 * @returns path of its kubeconfig, in `folder`.
 */
export async function allowController(cluster: ControlPlane, namespace: string, folder: string): Promise<string> {
  const account = { kind: 'ServiceAccount', name: ACCOUNT, namespace };
  const roles = [
    {
      kind: 'Role',
      metadata: { name: ACCOUNT, namespace },
      rules: controllerRules.role,
    },
    { kind: 'ClusterRole', metadata: { name: `${ACCOUNT}-${namespace}` }, rules: controllerRules['cluster-role'] },
  ];
  const bindings = roles.map(({ kind, metadata }) => ({
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: metadata.name },
    subjects: [account],
  }));
  const rbac = [...roles, ...bindings].map((one) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', ...one }));
  const items = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace } }, ...rbac];
  await cluster.kubectl(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const token = (await cluster.kubectl(['create', 'token', ACCOUNT, `--namespace=${namespace}`])).trim();
  const path = join(folder, 'controller.kubeconfig');
  await writeFile(path, JSON.stringify(kubeconfigOf(cluster, token)));
  return path;
}

const kubeconfigOf = ({ url, certificateAuthority }: ControlPlane, token: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'test',
  contexts: [{ name: 'test', context: { cluster: 'test', user: 'controller' } }],
  users: [{ name: 'controller', user: { token } }],
  clusters: [
    {
      name: 'test',
      cluster: { server: url, 'certificate-authority-data': Buffer.from(certificateAuthority).toString('base64') },
    },
  ],
});
