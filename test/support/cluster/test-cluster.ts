import { fileURLToPath } from 'node:url';
import { Client } from 'minio';
import { eventually } from '../eventually.ts';
import { type ControlPlane, startControlPlane } from '../servers/control-plane.ts';
import type { FurtherFlags } from '../servers/control-plane-launches.ts';
import { type Nats, startNats } from '../servers/nats.ts';
import { type S3, startS3 } from '../servers/s3.ts';
import { ProcessKubelet } from './process-kubelet.ts';

const CRDS = fileURLToPath(new URL('../../../charts/pentafold/crds', import.meta.url));

/** The one bucket. */
export const BUCKET = 'imaging';

/** A cluster with all that Pentafold needs from outside, and nodes whose pods are processes. */
export interface TestCluster extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  readonly s3: S3;
  readonly nats: Nats;
  readonly nodes: readonly ProcessKubelet[];
}

export interface TestClusterOptions {
  /** How many; each has one accelerator, `example.com/gpu`. */
  readonly nodes: number;
  readonly store: 'versitygw' | 'minio';
  /** Further ones of the control plane's programs. */
  readonly flags?: FurtherFlags;
}

export async function startTestCluster({ nodes: count, store, flags = {} }: TestClusterOptions): Promise<TestCluster> {
  await using resources = new AsyncDisposableStack();
  const started = [startControlPlane('127.0.0.1', flags), startS3(store), startNats()] as const;
  const [controlPlane, s3, nats] = await Promise.all(started);
  for (const server of [s3, nats, controlPlane]) resources.use(server);
  await controlPlane.kubectl(['apply', '--server-side', `--filename=${CRDS}`]);
  const crds = ['tasks.pentafold.io', 'models.pentafold.io'];
  await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd', ...crds]);
  await makeBucket(s3);
  const nodes: ProcessKubelet[] = [];
  for (let i = 0; i < count; i++)
    nodes.push(resources.use(await ProcessKubelet.start(controlPlane, `node-${i}`, { 'example.com/gpu': '1' })));
  const owned = resources.move();
  return { controlPlane, s3, nats, nodes, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

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
