import { readFile } from 'node:fs/promises';
import { temporaryFolder } from '../temporary-folder.ts';
import { writeCredentials } from './control-plane-credentials.ts';
import {
  apiServerLaunch,
  type ControlPlaneSetup,
  certificateFile,
  controllerManagerLaunch,
  etcdLaunch,
  type FurtherFlags,
  schedulerLaunch,
} from './control-plane-launches.ts';
import { freePort } from './free-port.ts';
import { kubectl } from './kubectl.ts';
import { type Server, startProcess } from './server-process.ts';

export interface ControlPlane extends Server {
  /** Of the API server, `https://ADDRESS:PORT`. */
  readonly url: string;
  /** PEM of what its certificate is checked with. */
  readonly certificateAuthority: string;
  /** Bearer token of one who may do everything. */
  readonly token: string;
  /** Path of a kubeconfig of the same one. */
  readonly kubeconfig: string;
  /** Path of the kubeconfig for the kubelet of the one node called `NODE_NAME`. */
  readonly kubeletKubeconfig: string;
  /** As one who may do everything; what it says on stdout. Rejects with what it says on stderr. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Each alone, for tests in which one of them fails. */
  readonly etcd: Server;
  readonly apiServer: Server;
  readonly controllerManager: Server;
  readonly scheduler: Server;
}

/**
 * A Kubernetes control plane without nodes: etcd, API server, controller manager and scheduler as published, with RBAC.
 *
 * What it keeps outlives each of them and all of them, until it is disposed of.
 *
 * @param address where all of them listen: another than the loopback if pods are to reach the API server.
 * @param flags further ones.
 */
export async function startControlPlane(address = '127.0.0.1', flags: FurtherFlags = {}): Promise<ControlPlane> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await temporaryFolder());
  const apiServerPort = await freePort(address);
  const url = `https://${address}:${apiServerPort}`;
  const credentials = await writeCredentials(folder, url, certificateFile(folder));
  const setup: ControlPlaneSetup = {
    ...{ address, folder, credentials, flags },
    ports: {
      apiServer: apiServerPort,
      etcd: await freePort(address),
      etcdPeers: await freePort(address),
      controllerManager: await freePort(address),
      scheduler: await freePort(address),
    },
  };
  const etcd = resources.use(await startProcess(etcdLaunch(setup)));
  const apiServer = resources.use(await startProcess(apiServerLaunch(setup)));
  const controllerManager = resources.use(await startProcess(controllerManagerLaunch(setup)));
  const scheduler = resources.use(await startProcess(schedulerLaunch(setup)));
  await mayHavePods(credentials.kubeconfigs.administrator, 'default');
  // Clients before servers: whoever is left waits for nobody.
  const inOrderOfEnding = [scheduler, controllerManager, apiServer, etcd];
  const kill = async () => {
    for (const server of inOrderOfEnding) await server.kill();
  };
  const owned = resources.move();
  return {
    url,
    certificateAuthority: await readFile(certificateFile(folder), 'utf8'),
    token: credentials.tokens.administrator,
    kubeconfig: credentials.kubeconfigs.administrator,
    kubeletKubeconfig: credentials.kubeconfigs.kubelet,
    kubectl: (args, stdin) => kubectl(credentials.kubeconfigs.administrator, args, stdin),
    ...{ etcd, apiServer, controllerManager, scheduler },
    kill,
    async restart() {
      await kill();
      for (const server of inOrderOfEnding.toReversed()) await server.restart();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A new namespace, in which pods may be created at once. */
export async function createNamespace({ kubeconfig }: ControlPlane, name: string): Promise<void> {
  await kubectl(kubeconfig, ['create', 'namespace', name]);
  await mayHavePods(kubeconfig, name);
}

/** The controller manager makes the service account without which a pod is refused, a moment after the namespace. */
const mayHavePods = (kubeconfig: string, namespace: string): Promise<string> =>
  kubectl(kubeconfig, ['wait', '--for=create', 'serviceaccount/default', `--namespace=${namespace}`, '--timeout=60s']);
