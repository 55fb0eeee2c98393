// What doctor says of a cluster: judged here, looked at by lib/platform/kube/cluster-probe.ts.

import { customResourceDefinitions, INSTALL_DEFINITIONS } from '#api/custom-resources/definitions.ts';
import { counted } from '#core/counted.ts';
import type {
  ClusterProbe,
  ControllerPodSeen,
  DefinitionSeen,
  LeaseSeen,
  Right,
} from '#platform/kube/cluster-probe.ts';
import type { ClusterAddress } from '#platform/kube/kubeconfig.ts';
import type { OwnRights } from '../cluster.ts';
import { offeredAccelerators, offeredText, silentNodes } from './accelerators.ts';
import { type Check, type Finding, fault, ok, warning } from './check.ts';
import { missingFields } from './missing-fields.ts';

/** What is asked of a cluster. */
export type Probe = Pick<ClusterProbe, keyof ClusterProbe>;

const INSTALL = `its administrator runs: ${INSTALL_DEFINITIONS}`;

/** @param explained the error to show instead of one of a request. */
export const apiServerCheck = (
  probe: Pick<Probe, 'version'>,
  { context, server }: ClusterAddress,
  explained: (error: unknown) => unknown,
): Check => ({
  name: 'API server',
  look: async () => {
    try {
      return ok(`${await probe.version()} at ${server} (context ${context})`);
    } catch (error) {
      throw explained(error);
    }
  },
});

/** Each kind: is it there, served, and does it have all fields that ours has? */
export const kindChecks = (probe: Probe): Check[] =>
  Object.values(customResourceDefinitions()).map((ours) => ({
    name: `kind ${ours.spec.names.kind}`,
    look: async () => kindFinding(ours, await probe.definition(ours.metadata.name)),
  }));

type Definition = ReturnType<typeof customResourceDefinitions>['tasks'];

function kindFinding(ours: Definition, found: DefinitionSeen | undefined | 'forbidden'): Finding {
  const { name } = ours.metadata;
  if (found === 'forbidden')
    return warning(
      `not looked at: you may not get customresourcedefinitions`,
      'pentafold get shows whether it is there',
    );
  if (found === undefined) return fault(`there is no CustomResourceDefinition ${name}`, INSTALL);
  if (!found.established) return fault(`${name} is not served yet`, `kubectl describe crd ${name} says why`);
  const [version] = ours.spec.versions;
  const schema = version && found.schemas[version.name];
  if (schema === undefined) return fault(`${name} has no version ${version?.name}`, INSTALL);
  const missing = missingFields(version?.schema.openAPIV3Schema, schema);
  return missing.length === 0
    ? ok(`${name} ${version?.name}, all fields`)
    : fault(`${name} is of an earlier version: it lacks ${missing.slice(0, 5).join(', ')}`, INSTALL);
}

export const controllerCheck = (probe: Probe, { namespace }: ClusterAddress, now: () => Date): Check => ({
  name: 'controller',
  look: async () => {
    const pods = await probe.controllerPods();
    if (pods === 'forbidden')
      return warning(
        'not looked at: you may not list pods',
        `ask whoever may: kubectl -n ${namespace} get pods,leases`,
      );
    return controllerFinding(pods, await probe.controllerLease(), namespace, now());
  },
});

/** Clocks of machines are no more apart than that. */
const CLOCK_SKEW_MS = 10_000;

function controllerFinding(
  pods: readonly ControllerPodSeen[],
  lease: LeaseSeen | undefined | 'forbidden',
  namespace: string,
  now: Date,
): Finding {
  if (pods.length === 0)
    return fault(
      `none in namespace ${namespace}`,
      `install it there with helm from charts/pentafold, or choose its namespace with -n`,
    );
  const ready = pods.filter((pod) => pod.ready);
  const [unready] = pods.filter((pod) => !pod.ready);
  if (ready.length === 0)
    return fault(
      `none of ${counted(pods.length, 'pod')} is ready: ${unready?.name}${unready?.trouble ? `: ${unready.trouble}` : ''}`,
      `kubectl -n ${namespace} logs ${unready?.name}`,
    );
  const many = `${ready.length} of ${counted(pods.length, 'pod')} ready`;
  if (lease === 'forbidden') return ok(`${many}; who leads is not looked at, as you may not get leases`);
  if (lease === undefined || pods.every(({ name }) => name !== lease.pod))
    return fault(`${many}, and none leads`, `kubectl -n ${namespace} logs ${ready[0]?.name} says why not`);
  if (lease.until.getTime() + CLOCK_SKEW_MS < now.getTime())
    return fault(
      `${lease.holder} led until ${lease.until.toISOString()}, and none since`,
      `kubectl -n ${namespace} logs ${ready[0]?.name} says why not`,
    );
  return ok(`${lease.holder} leads; ${many}`);
}

/** Nobody gets on without the first; without the others the rest works. */
export const ownRightsChecks = (
  probe: Pick<Probe, 'mayI'>,
  { namespace }: ClusterAddress,
  { steering, logs, watching }: OwnRights,
): Check[] =>
  [
    { commands: 'apply, get, cancel, retry', rights: steering, lacking: fault },
    { commands: 'logs', rights: logs, lacking: warning },
    { commands: 'watch', rights: watching, lacking: warning },
  ].map(({ commands, rights, lacking }) => ({
    name: `your rights to ${commands}`,
    look: async () => {
      const missing = await missingRights(rights, (right) => probe.mayI(right));
      if (missing.length === 0) return ok(`all of them in namespace ${namespace}`);
      const remedy = `ask the administrator for these in ${namespace}: docs/cluster.md has a Role for people`;
      return lacking(`you may not ${missing.join(', ')}`, remedy);
    },
  }));

/** @param rights that the controller's program needs. */
export const controllerRightsCheck = (
  probe: Probe,
  { namespace }: ClusterAddress,
  rights: readonly Right[],
): Check => ({
  name: 'the controller’s rights',
  look: async () => {
    const pods = await probe.controllerPods();
    const [account] = pods === 'forbidden' ? [] : pods.map(({ serviceAccount }) => serviceAccount);
    if (account === undefined) return warning('not looked at: its pods are not to be seen', 'see controller, above');
    const answers = await Promise.all(rights.map((right) => probe.mayAccount(account, right)));
    if (answers.includes('forbidden'))
      return warning(
        'not looked at: you may not create subjectaccessreviews',
        `kubectl auth can-i --list --as=system:serviceaccount:${namespace}:${account} by whoever may`,
      );
    const missing = rights.filter((_, i) => answers[i] === false).map(rightText);
    return missing.length === 0
      ? ok(`service account ${account} has all ${rights.length}`)
      : fault(
          `service account ${account} may not ${missing.join(', ')}`,
          'upgrade the release, which brings its roles',
        );
  },
});

async function missingRights(rights: readonly Right[], may: (right: Right) => Promise<boolean>): Promise<string[]> {
  const answers = await Promise.all(rights.map(may));
  return rights.filter((_, i) => !answers[i]).map(rightText);
}

/** `patch tasks.pentafold.io/status` */
function rightText({ verb, group, resource, subresource }: Right): string {
  const kind = group === '' ? resource : `${resource}.${group}`;
  return `${verb} ${kind}${subresource === '' ? '' : `/${subresource}`}`;
}

export const acceleratorCheck = (probe: Probe): Check => ({
  name: 'GPUs',
  look: async () => {
    const nodes = await probe.nodes();
    if (nodes === 'forbidden')
      return warning('not looked at: you may not list nodes', 'ask whoever may: kubectl describe nodes');
    const silent = silentNodes(nodes);
    if (silent.length > 0)
      return warning(
        `NVIDIA hardware that is not offered to pods: on ${silent.join(', ')}`,
        'look at NVIDIA’s device plugin there: kubectl get pods -A -l app.kubernetes.io/name=nvidia-device-plugin -o wide',
      );
    const pods = await probe.podRequests();
    const offered = offeredAccelerators(nodes, pods === 'forbidden' ? null : pods);
    return offered.length > 0
      ? ok(offered.map(offeredText).join('; '))
      : warning(
          `none of ${counted(nodes.length, 'node')} offers any`,
          'trainings take CPUs, which is slow; for GPUs install the device plugin of their vendor',
        );
  },
});
