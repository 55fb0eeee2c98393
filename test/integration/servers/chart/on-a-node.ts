// Runs on a private machine: the chart, installed with Helm on a real node, with our image and the try-out store and bus.
// Says as JSON what became of it.

import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { CHART, example } from '#test/servers/chart.ts';
import { type ControlPlane, createNamespace, startControlPlane } from '#test/servers/control-plane.ts';
import { helm } from '#test/servers/helm.ts';
import { startNode } from '#test/servers/node/node.ts';
import { MACHINE_ADDRESS } from '#test/servers/node/private-machine.ts';
import { writeServerImage } from '#test/servers/server-image.ts';
import { buildImage } from '../../../../deploy/build-image.ts';

/** What the test asserts about. */
export interface Report {
  /** Names of the pods that got ready. */
  readonly ready: readonly string[];
  /** Who has the Lease. */
  readonly leader: string;
  /** Message of a Task's condition `Accepted`. */
  readonly accepted: string;
  /** Answer of the store, asked without keys for the bucket and for one that there is not. */
  readonly bucket: { readonly made: number; readonly other: number };
}

/** Fewer seconds than a test waits; the chart's own are for slow registries. */
const WAIT = '--timeout=60s';
const NAMESPACE = '--namespace=research';

/** Names of pods that are ready. */
const READY = '{.items[?(@.status.containerStatuses[0].ready==true)].metadata.name}';

const TASK = stringify({
  apiVersion: 'pentafold.io/v1alpha1',
  kind: 'Task',
  metadata: { name: 'first' },
  spec: { dataset: { uri: 's3://pentafold/datasets/first' } },
});

const fieldOf = ({ kubectl }: ControlPlane, what: string, path: string): Promise<string> =>
  kubectl(['get', what, NAMESPACE, `--output=jsonpath=${path}`]);

const install = ({ kubeconfig }: ControlPlane): Promise<string> =>
  helm(
    ['install', 'pentafold', CHART, NAMESPACE, `--values=${example('try-out')}`, '--set=controller.replicas=2'],
    kubeconfig,
  );

if (import.meta.main) process.stdout.write(JSON.stringify(await report()));

async function report(): Promise<Report> {
  const { tryOut } = parse(await readFile(`${CHART}/values.yaml`, 'utf8'));
  const { appVersion } = parse(await readFile(`${CHART}/Chart.yaml`, 'utf8'));
  const ours = join(tmpdir(), 'pentafold.tar');
  await buildImage({ name: `localhost/pentafold:${appVersion}`, out: ours });
  await using controlPlane = await startControlPlane(MACHINE_ADDRESS);
  await using _node = await startNode(controlPlane, [
    ours,
    await writeServerImage(tryOut.store.image, 'versitygw'),
    await writeServerImage(tryOut.bus.image, 'nats'),
  ]);
  const { kubectl } = controlPlane;
  await createNamespace(controlPlane, 'research');
  await kubectl(['label', 'namespace', 'research', 'pod-security.kubernetes.io/enforce=restricted']);

  await install(controlPlane);
  for (const what of ['deployment/pentafold-controller', 'statefulset/pentafold-store', 'statefulset/pentafold-bus'])
    await kubectl(['rollout', 'status', NAMESPACE, what, WAIT]);
  const ready = await fieldOf(controlPlane, 'pods', READY);
  await kubectl(['apply', NAMESPACE, '--filename=-'], TASK);
  await kubectl(['wait', NAMESPACE, '--for=condition=Accepted', 'task/first', WAIT]);

  const store = `http://${await fieldOf(controlPlane, 'pod/pentafold-store-0', '{.status.podIP}')}:7070`;
  const answerFor = async (bucket: string) => (await fetch(`${store}/${bucket}/`)).status;
  return {
    ready: ready.split(' '),
    leader: await fieldOf(controlPlane, 'lease/pentafold-controller', '{.spec.holderIdentity}'),
    accepted: await fieldOf(controlPlane, 'task/first', '{.status.conditions[?(@.type=="Accepted")].message}'),
    bucket: { made: await answerFor(tryOut.store.bucket), other: await answerFor('another') },
  };
}
