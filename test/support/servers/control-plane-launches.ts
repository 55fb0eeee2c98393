// How the programs of a control plane are started: their command lines, and when each answers.

import { request } from 'node:https';
import { basename, join } from 'node:path';
import { programPaths } from '../../servers/catalogue.ts';
import type { Credentials } from './control-plane-credentials.ts';
import type { Launch } from './server-process.ts';

/** Free ports of one address. */
export interface ControlPlanePorts {
  readonly etcd: number;
  readonly etcdPeers: number;
  readonly apiServer: number;
  readonly controllerManager: number;
  readonly scheduler: number;
}

/** Further flags of its programs. */
export interface FurtherFlags {
  readonly etcd?: readonly string[];
  readonly apiServer?: readonly string[];
  readonly controllerManager?: readonly string[];
  readonly scheduler?: readonly string[];
}

/** What is fixed for the life of a control plane. */
export interface ControlPlaneSetup {
  readonly address: string;
  readonly ports: ControlPlanePorts;
  /** Where all that they keep lies. */
  readonly folder: string;
  readonly credentials: Credentials;
  readonly flags: FurtherFlags;
}

export const certificateFolder = (folder: string): string => join(folder, 'certificates');

/** The API server signs its own certificate, for its address, when it first starts; this file holds its authority too. */
export const certificateFile = (folder: string): string => join(certificateFolder(folder), 'apiserver.crt');

export function etcdLaunch({ address, ports, folder, flags }: ControlPlaneSetup): Launch {
  const clients = `http://${address}:${ports.etcd}`;
  const peers = `http://${address}:${ports.etcdPeers}`;
  return launch(folder, 'etcd', {
    args: [
      ...['--name=test', `--data-dir=${join(folder, 'etcd')}`],
      ...[`--listen-client-urls=${clients}`, `--advertise-client-urls=${clients}`],
      ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`, `--initial-cluster=test=${peers}`],
      // A test kills processes, not the machine: what was written is there again without being forced to the disk.
      '--unsafe-no-fsync',
      ...(flags.etcd ?? []),
    ],
    answers: async () => (await fetch(`${clients}/health`)).ok,
  });
}

export function apiServerLaunch({ address, ports, folder, credentials, flags }: ControlPlaneSetup): Launch {
  return launch(folder, 'kube-apiserver', {
    args: [
      ...[`--bind-address=${address}`, `--advertise-address=${address}`, `--secure-port=${ports.apiServer}`],
      ...[`--cert-dir=${certificateFolder(folder)}`, `--etcd-servers=http://${address}:${ports.etcd}`],
      ...[`--token-auth-file=${credentials.tokenFile}`, '--authorization-mode=Node,RBAC'],
      '--enable-admission-plugins=NodeRestriction',
      ...[`--service-account-key-file=${credentials.serviceAccountPublicKey}`],
      ...[`--service-account-signing-key-file=${credentials.serviceAccountKey}`],
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      '--service-cluster-ip-range=10.96.0.0/16',
      // A loopback address is no endpoint of the service `kubernetes`.
      '--endpoint-reconciler-type=none',
      '--kubelet-preferred-address-types=InternalIP',
      '--allow-privileged=true',
      ...(flags.apiServer ?? []),
    ],
    answers: () => isHealthy(`https://${address}:${ports.apiServer}/readyz`, credentials.tokens.administrator),
  });
}

export function controllerManagerLaunch({ address, ports, folder, credentials, flags }: ControlPlaneSetup): Launch {
  return launch(folder, 'kube-controller-manager', {
    args: [
      ...clientOf(credentials.kubeconfigs.controllerManager),
      ...[`--bind-address=${address}`, `--secure-port=${ports.controllerManager}`, '--leader-elect=false'],
      '--use-service-account-credentials=true',
      `--service-account-private-key-file=${credentials.serviceAccountKey}`,
      `--root-ca-file=${certificateFile(folder)}`,
      // A node that a test only describes has no kubelet that would renew its lease.
      '--node-monitor-grace-period=24h',
      ...(flags.controllerManager ?? []),
    ],
    answers: () => isHealthy(`https://${address}:${ports.controllerManager}/healthz`),
  });
}

export function schedulerLaunch({ address, ports, folder, credentials, flags }: ControlPlaneSetup): Launch {
  return launch(folder, 'kube-scheduler', {
    args: [
      ...clientOf(credentials.kubeconfigs.scheduler),
      ...[`--bind-address=${address}`, `--secure-port=${ports.scheduler}`, '--leader-elect=false'],
      ...(flags.scheduler ?? []),
    ],
    answers: () => isHealthy(`https://${address}:${ports.scheduler}/healthz`),
  });
}

/** Path of one of the programs. */
export function kubernetesProgram(name: string): string {
  const path = programPaths('kubernetes').find((candidate) => basename(candidate) === name);
  if (path === undefined) throw new TypeError(`${name} is no program of Kubernetes in test/servers/catalogue.ts`);
  return path;
}

const clientOf = (kubeconfig: string): string[] =>
  ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((flag) => `--${flag}=${kubeconfig}`);

const launch = (folder: string, name: string, how: Pick<Launch, 'args' | 'answers'>): Launch => ({
  ...how,
  program: kubernetesProgram(name),
  logFile: join(folder, `${name}.log`),
});

/** Asks without checking the certificate, which each signed itself: the question is only whether it is up. */
function isHealthy(url: string, token?: string): Promise<boolean> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers, rejectUnauthorized: false, timeout: 5_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => asked.destroy(new Error(`no answer from ${url}`)));
    asked.once('error', reject);
    asked.end();
  });
}
