import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { controllerRules } from '#platform/controller-rules.ts';
import type { ControlPlane } from '../servers/control-plane.ts';

const ACCOUNT = 'pentafold-controller';

/**
 * Lets the controller of a namespace do what its parts say that they do, and no more.
 *
 * @returns the environment by which it finds the API server as in a pod; its account's files are in `folder`.
 */
export async function allowController(
  cluster: ControlPlane,
  namespace: string,
  folder: string,
): Promise<Record<string, string>> {
  const subject = { kind: 'ServiceAccount', name: ACCOUNT, namespace };
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
    subjects: [subject],
  }));
  const rbac = [...roles, ...bindings].map((one) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', ...one }));
  const items = [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: ACCOUNT, namespace } }, ...rbac];
  await cluster.kubectl(['apply', '--filename=-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const token = (await cluster.kubectl(['create', 'token', ACCOUNT, `--namespace=${namespace}`])).trim();
  const account = join(folder, 'service-account');
  await mkdir(account);
  await writeFile(join(account, 'token'), token);
  await writeFile(join(account, 'ca.crt'), cluster.certificateAuthority);
  const { hostname, port } = new URL(cluster.url);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, SERVICE_ACCOUNT_FOLDER: account };
}
