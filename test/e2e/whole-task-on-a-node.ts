// Runs on a private machine: a cluster with a real node, our image, the chart with its try-out store and bus, and a Task
// on data that lie in the folder DATASET. Says as JSON what became of it.

import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { systemClock } from '#platform/clock/system-clock.ts';
import { openObjects } from '#platform/objects/open-objects.ts';
import { uploadFolder } from '#test/cluster/upload-folder.ts';
import { CHART, example } from '#test/servers/chart.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { NODE_NAME } from '#test/servers/control-plane-credentials.ts';
import { helm } from '#test/servers/helm.ts';
import { startNode } from '#test/servers/node/node.ts';
import { MACHINE_ADDRESS } from '#test/servers/node/private-machine.ts';
import { writeServerImage } from '#test/servers/server-image.ts';
import { buildImage } from '../../deploy/build-image.ts';
import { realTask } from './real-task.ts';

/** What the test asserts about. */
export interface Report {
  /** Digest of the publish step: it stands for every byte of the model and of what it was made from. */
  readonly publishStep: string;
  readonly best: string;
  /** Attempts by title, with the phase that their pods ended in. */
  readonly pods: readonly string[];
  /** What `pentafold get` tells of the Task. */
  readonly told: string;
  readonly secondsToModel: number;
}

const NAMESPACE = '--namespace=research';
const BUCKET = 'pentafold';

if (import.meta.main) process.stdout.write(JSON.stringify(await report()));

async function report(): Promise<Report> {
  await using controlPlane = await startControlPlane(MACHINE_ADDRESS);
  await using _node = await startNode(controlPlane, await images());
  const { kubectl } = controlPlane;
  const gpus = JSON.stringify({ status: { capacity: { 'nvidia.com/gpu': '2' } } });
  await kubectl(['patch', 'node', NODE_NAME, '--subresource=status', '--type=merge', '--patch', gpus]);
  await createNamespace(controlPlane, 'research');
  await kubectl(['label', 'namespace', 'research', 'pod-security.kubernetes.io/enforce=restricted']);
  await install(controlPlane);
  await upload(controlPlane);

  const startedMs = performance.now();
  await kubectl(['apply', NAMESPACE, '--filename=-'], JSON.stringify(realTask(`s3://${BUCKET}/datasets/hippocampus`)));
  await succeeded(controlPlane);
  const secondsToModel = (performance.now() - startedMs) / 1000;

  const fieldOf = (what: string, path: string) => kubectl(['get', what, NAMESPACE, `--output=jsonpath=${path}`]);
  const attempts = '{range .items[*]}{.metadata.annotations.pentafold\\.io/title}: {.status.phase}{"\\n"}{end}';
  return {
    publishStep: await fieldOf('model/hippocampus', '{.spec.step}'),
    best: await fieldOf('task/hippocampus', '{.status.best}'),
    pods: (await kubectl(['get', 'pods', NAMESPACE, '--selector=pentafold.io/task', `--output=jsonpath=${attempts}`]))
      .trim()
      .split('\n')
      .sort(),
    told: await kubectl(['get', 'tasks', NAMESPACE]),
    secondsToModel,
  };
}

/** @throws {Error} with what the cluster knows when it does not come to that. */
async function succeeded({ kubectl }: ControlPlane): Promise<void> {
  const wait = ['wait', NAMESPACE, '--for=condition=Succeeded', 'task/hippocampus', '--timeout=240s'];
  await kubectl(wait).catch(async (error) => {
    const known = ['task/hippocampus --output=yaml', 'pods --output=wide', 'events --sort-by=.lastTimestamp'];
    const told = await Promise.all(known.map((what) => kubectl(['get', NAMESPACE, ...what.split(' ')])));
    const logs = await kubectl(['logs', NAMESPACE, '--selector=app.kubernetes.io/name=pentafold', '--tail=30']);
    throw new Error([error, ...told, logs].join('\n'));
  });
}

async function images(): Promise<string[]> {
  const { tryOut } = parse(await readFile(`${CHART}/values.yaml`, 'utf8'));
  const { appVersion } = parse(await readFile(`${CHART}/Chart.yaml`, 'utf8'));
  const ours = join(tmpdir(), 'pentafold.tar');
  await buildImage({ name: `localhost/pentafold:${appVersion}`, out: ours });
  return [
    ours,
    await writeServerImage(tryOut.store.image, 'versitygw'),
    await writeServerImage(tryOut.bus.image, 'nats'),
  ];
}

async function install({ kubeconfig, kubectl }: ControlPlane): Promise<void> {
  const values = join(tmpdir(), 'values.yaml');
  const worker = { accelerators: [{ resource: 'nvidia.com/gpu', memory: '8Gi' }], device: 'cpu' };
  await writeFile(values, stringify({ controller: { replicas: 2 }, worker }));
  const files = [`--values=${example('try-out')}`, `--values=${values}`];
  await helm(['install', 'pentafold', CHART, NAMESPACE, ...files], kubeconfig);
  await kubectl(['wait', NAMESPACE, '--for=condition=Ready', 'pods', '--all', '--timeout=60s']);
}

/** With the keys that the chart has made. */
async function upload({ kubectl }: ControlPlane): Promise<void> {
  const { data } = JSON.parse(await kubectl(['get', 'secret', 'pentafold-store', NAMESPACE, '--output=json']));
  const address = await kubectl(['get', 'pod', 'pentafold-store-0', NAMESPACE, '--output=jsonpath={.status.podIP}']);
  const decoded = (value: string) => Buffer.from(value, 'base64').toString();
  const s3 = {
    endpoint: new URL(`http://${address}:7070`),
    region: 'us-east-1',
    keys: { accessKey: decoded(data.S3_ACCESS_KEY), secretKey: decoded(data.S3_SECRET_KEY) },
  };
  const place = { kind: 's3', bucket: BUCKET, prefix: 'datasets/hippocampus/' } as const;
  const settings = { s3, handedOver: null, patienceSeconds: 20, clock: systemClock };
  await uploadFolder(process.env.DATASET ?? '', openObjects(place, settings));
}
