import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeImage } from '../../../../deploy/oci-image.ts';
import type { ControlPlane } from '../control-plane.ts';
import { NODE_NAME } from '../control-plane-credentials.ts';
import { kubernetesProgram } from '../control-plane-launches.ts';
import { type Server, type ServerProcess, startProcess } from '../server-process.ts';
import { serveClusterNames } from './cluster-dns.ts';
import {
  containerdConfig,
  containerdSocket,
  DNS_ADDRESS,
  kubeletConfig,
  network,
  networkFolder,
  PAUSE_IMAGE,
} from './node-files.ts';
import { MACHINE_ADDRESS } from './private-machine.ts';

export interface Node extends AsyncDisposable {
  /** Each alone, for tests in which one of them fails: containers go on meanwhile. */
  readonly kubelet: Server;
  readonly containerd: Server;
}

/**
 * A node that runs pods as real containers: the kubelet, containerd, runc. Only within a program of
 * `runOnPrivateMachine`, whose end is the end of its containers and of what it keeps.
 *
 * Pods have addresses and reach what listens at `MACHINE_ADDRESS`, and the API server where their environment says that
 * it is. Names of headless services lead to their pods; there is no other service address.
 *
 * @param controlPlane that listens at `MACHINE_ADDRESS`.
 * @param images tars of `writeImage`; pods that use them say `imagePullPolicy: Never`.
 */
export async function startNode(controlPlane: ControlPlane, images: readonly string[]): Promise<Node> {
  await using resources = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'node-'));
  const containerd = resources.use(await startContainerd(folder));
  for (const image of [await writePauseImage(folder), ...images])
    await ctr(folder, ['--namespace', 'k8s.io', 'images', 'import', image]);
  const kubelet = resources.use(await startKubelet(folder, controlPlane));
  resources.use(await serveKubernetesService(controlPlane));
  await addAddress(DNS_ADDRESS);
  resources.use(await serveClusterNames(controlPlane, DNS_ADDRESS));
  const owned = resources.move();
  return { kubelet, containerd, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function startContainerd(folder: string): Promise<ServerProcess> {
  const config = join(folder, 'containerd.toml');
  await mkdir(networkFolder(folder));
  await writeFile(join(networkFolder(folder), 'pods.conflist'), JSON.stringify(network(folder)));
  await writeFile(config, containerdConfig(folder));
  return startProcess({
    program: '/usr/bin/containerd',
    args: ['--config', config],
    logFile: join(folder, 'containerd.log'),
    answers: async () => {
      await ctr(folder, ['version']);
      return true;
    },
  });
}

async function startKubelet(folder: string, { kubeletKubeconfig, kubectl }: ControlPlane): Promise<ServerProcess> {
  const config = join(folder, 'kubelet.json');
  const { CGROUP } = process.env;
  if (CGROUP === undefined) throw new Error('a node starts only within a program of runOnPrivateMachine');
  await writeFile(config, JSON.stringify(kubeletConfig(folder, CGROUP)));
  const root = join(folder, 'kubelet');
  const readiness = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].status}';
  return startProcess({
    program: kubernetesProgram('kubelet'),
    args: [
      ...[`--config=${config}`, `--kubeconfig=${kubeletKubeconfig}`],
      ...[`--root-dir=${root}`, `--cert-dir=${join(root, 'pki')}`],
      ...[`--hostname-override=${NODE_NAME}`, `--node-ip=${MACHINE_ADDRESS}`],
    ],
    logFile: join(folder, 'kubelet.log'),
    answers: async () => (await kubectl(['get', 'node', NODE_NAME, readiness])) === 'True',
  });
}

const ctr = (folder: string, args: readonly string[]) =>
  promisify(execFile)('ctr', ['--address', containerdSocket(folder), ...args]);

/** What holds a pod's network while its containers come and go: a program that does nothing. */
async function writePauseImage(folder: string): Promise<string> {
  const rootFolder = join(folder, 'pause');
  await mkdir(join(rootFolder, 'bin'), { recursive: true });
  await cp('/bin/busybox', join(rootFolder, 'bin', 'busybox'));
  const entrypoint = ['/bin/busybox', 'sleep', '2147483647'];
  const path = `${rootFolder}.tar`;
  await writeImage({ name: PAUSE_IMAGE, rootFolder, entrypoint, env: {}, user: '0:0' }, path);
  return path;
}

/**
 * The API server where pods look for it: at the address of the service `kubernetes`, which the certificate names too.
 * On other clusters kube-proxy does that.
 */
async function serveKubernetesService({ url }: ControlPlane): Promise<AsyncDisposable> {
  const { hostname, port } = new URL(url);
  await addAddress(SERVICE_ADDRESS);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    const apiServer = connect(Number(port), hostname);
    client.on('error', () => apiServer.destroy());
    apiServer.on('error', () => client.destroy());
    client.pipe(apiServer).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(443, SERVICE_ADDRESS, resolve));
  return {
    async [Symbol.asyncDispose]() {
      // Pods that still run would hold theirs for ever.
      for (const client of clients) client.destroy();
      await server[Symbol.asyncDispose]();
    },
  };
}

const addAddress = (address: string) => promisify(execFile)('ip', ['address', 'add', `${address}/32`, 'dev', 'lo']);

/** The first of the API server's `--service-cluster-ip-range`. */
const SERVICE_ADDRESS = '10.96.0.1';
