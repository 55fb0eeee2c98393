import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Model, Task } from '#api/v1alpha1/kinds.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { openObjects } from '#platform/objects/open-objects.ts';
import { createNamespace } from '../servers/control-plane.ts';
import { freePort } from '../servers/free-port.ts';
import type { S3 } from '../servers/s3.ts';
import { type ServerProcess, startProcess } from '../servers/server-process.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { allowController } from './controller-access.ts';
import { BUCKET, type TestCluster } from './test-cluster.ts';
import { uploadFolder } from './upload-folder.ts';

const CONTROLLER = fileURLToPath(new URL('../../../services/controller/main.ts', import.meta.url));

/** One installation on a test cluster: a namespace with its controllers, and results of its own. */
export interface TestSite extends AsyncDisposable {
  readonly namespace: string;
  /** Where results are. */
  readonly objects: ObjectStore;
  /** Starts the n-th of the two controllers that workers know of; settings are variables of its environment. */
  startController(n?: 0 | 1, settings?: Readonly<Record<string, string>>): Promise<ServerProcess>;
  /** kubectl in the namespace. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  apply(object: object): Promise<void>;
  task(name: string): Promise<Task>;
  model(name: string): Promise<Model | undefined>;
}

/** @param s3 where the store is for our programs, if not at the cluster's own: something that stands between. */
export async function startTestSite(
  cluster: TestCluster,
  namespace: string,
  through: { readonly s3?: string; readonly nats?: string; readonly apiServer?: string } = {},
): Promise<TestSite> {
  const { controlPlane, s3, nats } = cluster;
  await using resources = new AsyncDisposableStack();
  const { path: folder } = resources.use(await temporaryFolder());
  await createNamespace(controlPlane, namespace);
  const kubectl: TestSite['kubectl'] = (args, stdin) =>
    controlPlane.kubectl([`--namespace=${namespace}`, ...args], stdin);
  await kubectl(['create', 'serviceaccount', 'pentafold-worker']);
  const keys = { S3_ACCESS_KEY: s3.accessKeyId, S3_SECRET_KEY: s3.secretAccessKey };
  const literals = Object.entries(keys).map(([name, value]) => `--from-literal=${name}=${value}`);
  await kubectl(['create', 'secret', 'generic', 'store', ...literals]);
  const account = await allowController(controlPlane, namespace, folder);
  const ports = [await freePort(), await freePort()] as const;
  const read = async (kind: string, name: string) => JSON.parse(await kubectl(['get', kind, name, '--output=json']));
  const owned = resources.move();
  return {
    ...{ namespace, kubectl, objects: objectsAt(s3, `${namespace}/`) },
    async startController(n = 0, settings = {}) {
      const health = await freePort();
      const controller = await startProcess({
        program: process.execPath,
        // As in the chart.
        args: ['--max-semi-space-size=2', '--optimize-for-size', CONTROLLER],
        env: {
          ...account,
          NAMESPACE: namespace,
          POD_NAME: `controller-${n}`,
          LISTEN_ADDRESS: `127.0.0.1:${ports[n]}`,
          ADVERTISED_ADDRESS: `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
          HEALTH_ADDRESS: `127.0.0.1:${health}`,
          OBJECTS: `s3://${BUCKET}/${namespace}`,
          S3_ENDPOINT: through.s3 ?? s3.endpoint,
          S3_REGION: s3.region,
          ...keys,
          BUS: through.nats ?? nats.url,
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
    async apply(object) {
      await kubectl(['apply', '--filename=-'], JSON.stringify(object));
    },
    task: (name) => read('task', name),
    model: (name) => read('model', name).catch(() => undefined),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Puts a folder into the bucket of a cluster. @returns its `s3:` URI. */
export async function upload({ s3 }: TestCluster, folder: string, name: string): Promise<string> {
  await uploadFolder(folder, objectsAt(s3, `${name}/`));
  return `s3://${BUCKET}/${name}`;
}

/** Copies what is below one `s3:` URI of a cluster's bucket to another, changed on the way. */
export async function copyObjects(
  { s3 }: TestCluster,
  from: string,
  to: string,
  change: (path: string, bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const [source, target] = [from, to].map((uri) => objectsAt(s3, `${uri.slice(`s3://${BUCKET}/`.length)}/`));
  for (const path of (await source?.list('')) ?? [])
    await target?.put(path, change(path, (await source?.get(path)) ?? new Uint8Array()));
}

function objectsAt({ endpoint, region, accessKeyId, secretAccessKey }: S3, prefix: string): ObjectStore {
  const s3 = { endpoint: new URL(endpoint), region, keys: { accessKey: accessKeyId, secretKey: secretAccessKey } };
  const settings = { s3, handedOver: null, patienceSeconds: 20, clock: systemClock };
  return openObjects({ kind: 's3', bucket: BUCKET, prefix }, settings);
}
