import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'minio';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { openObjects } from '#platform/objects/open-objects.ts';
import { eventually } from '../eventually.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '../servers/control-plane.ts';
import { freePort } from '../servers/free-port.ts';
import { type Nats, startNats } from '../servers/nats.ts';
import { type S3, startS3 } from '../servers/s3.ts';
import { type Server, startProcess } from '../servers/server-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allowController } from './controller-access.ts';
import { ProcessKubelet } from './process-kubelet.ts';

const CHECKOUT = fileURLToPath(new URL('../../../', import.meta.url));
const BUCKET = 'imaging';

/** A cluster with everything that Pentafold needs, and nodes whose pods are processes. */
export interface TestCluster extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly s3: S3;
  readonly nats: Nats;
  readonly nodes: readonly ProcessKubelet[];
  readonly namespace: string;
  /** Where results are. */
  readonly objects: ObjectStore;
  /** Puts a folder into the bucket. @returns its `s3:` URI. */
  upload(folder: string, name: string): Promise<string>;
  /** Starts the n-th of two controllers, which workers know of. */
  startController(n: 0 | 1, settings?: Readonly<Record<string, string>>): Promise<Server>;
  /** kubectl in the namespace. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
}

/** @param nodes how many. */
export async function startTestCluster({ nodes: nodeCount }: { readonly nodes: number }): Promise<TestCluster> {
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await temporaryFolder());
  const [controlPlane, s3, nats] = await Promise.all([startControlPlane(), startS3('versitygw'), startNats()]);
  for (const server of [s3, nats, controlPlane]) resources.use(server);
  const namespace = 'research';
  await createNamespace(controlPlane, namespace);
  const kubectl: TestCluster['kubectl'] = (args, stdin) =>
    controlPlane.kubectl([`--namespace=${namespace}`, ...args], stdin);
  await kubectl(['apply', '--server-side', `--filename=${join(CHECKOUT, 'charts', 'pentafold', 'crds')}`]);
  await kubectl(['wait', '--for=condition=Established', 'crd', 'tasks.pentafold.io', 'models.pentafold.io']);
  await kubectl(['create', 'serviceaccount', 'pentafold-worker']);
  const keys = { S3_ACCESS_KEY: s3.accessKeyId, S3_SECRET_KEY: s3.secretAccessKey };
  const literals = Object.entries(keys).map(([name, value]) => `--from-literal=${name}=${value}`);
  await kubectl(['create', 'secret', 'generic', 'store', ...literals]);
  const kubeconfig = await allowController(controlPlane, namespace, folder);
  await makeBucket(s3);
  const store = (prefix: string) =>
    openObjects({ kind: 's3', bucket: BUCKET, prefix }, { s3: s3Config(s3), patienceSeconds: 20, clock: systemClock });
  const nodes: ProcessKubelet[] = [];
  for (let i = 0; i < nodeCount; i++)
    nodes.push(resources.use(await ProcessKubelet.start(controlPlane, `node-${i}`, { 'example.com/gpu': '1' })));
  const ports = [await freePort(), await freePort()] as const;
  const owned = resources.move();
  return {
    ...{ controlPlane, s3, nats, nodes, namespace, kubectl },
    objects: store('pentafold/'),
    async upload(source, name) {
      const objects = store(`${name}/`);
      for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile()) await objects.put(path.slice(source.length + 1), await readFile(path));
      }
      return `s3://${BUCKET}/${name}`;
    },
    async startController(n, settings = {}) {
      const health = await freePort();
      const controller = await startProcess({
        program: process.execPath,
        args: [join(CHECKOUT, 'services', 'controller', 'main.ts')],
        env: {
          KUBECONFIG: kubeconfig,
          NAMESPACE: namespace,
          POD_NAME: `controller-${n}`,
          LISTEN_ADDRESS: `127.0.0.1:${ports[n]}`,
          ADVERTISED_ADDRESS: `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
          HEALTH_ADDRESS: `127.0.0.1:${health}`,
          OBJECTS: `s3://${BUCKET}/pentafold`,
          S3_ENDPOINT: s3.endpoint,
          S3_REGION: s3.region,
          ...keys,
          BUS: nats.url,
          WORKER_IMAGE: 'localhost/pentafold:test',
          WORKER_SERVICE_ACCOUNT: 'pentafold-worker',
          WORKER_ENVIRONMENT_SECRETS: 'store',
          ACCELERATORS: 'example.com/gpu=8Gi',
          DEVICE: 'cpu',
          GRACE_SECONDS: '30',
          RESYNC_SECONDS: '2',
          SYNCHRONIZE_INTERVAL_SECONDS: '1',
          FIRST_PAUSE_SECONDS: '1',
          ...settings,
        },
        logFile: join(folder, `controller-${n}.log`),
        answers: async () => (await fetch(`http://127.0.0.1:${health}/readyz`)).ok,
      });
      owned.use(controller);
      return controller;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const s3Config = ({ endpoint, region, accessKeyId, secretAccessKey }: S3) => ({
  endpoint: new URL(endpoint),
  region,
  accessKey: accessKeyId,
  secretKey: secretAccessKey,
});

async function makeBucket({ endpoint, region, accessKeyId, secretAccessKey }: S3): Promise<void> {
  const { hostname, port } = new URL(endpoint);
  const at = { endPoint: hostname, port: Number(port), useSSL: false, region };
  const client = new Client({ ...at, accessKey: accessKeyId, secretKey: secretAccessKey });
  await eventually('there is a bucket', () =>
    client.makeBucket(BUCKET).then(
      () => true,
      () => false,
    ),
  );
}
