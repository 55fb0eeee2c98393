// Runs on a private machine: pods of a tiny image on a real node. Says as JSON what became of them.

import { type ControlPlane, startControlPlane } from '#test/servers/control-plane.ts';
import { startNode } from '#test/servers/node/node.ts';
import { MACHINE_ADDRESS } from '#test/servers/node/private-machine.ts';
import { BUSYBOX_IMAGE, writeBusyboxImage } from './busybox-image.ts';

/** What the test asserts about. */
export interface Report {
  readonly succeeded: EndedPod;
  readonly log: string;
  readonly failed: EndedPod;
  readonly tookTooMuch: EndedPod;
  readonly afterRestart: EndedPod;
}

interface EndedPod {
  readonly phase: 'Succeeded' | 'Failed';
  readonly exitCode: number;
  readonly reason: string;
}

if (import.meta.main) process.stdout.write(JSON.stringify(await report()));

async function report(): Promise<Report> {
  await using controlPlane = await startControlPlane(MACHINE_ADDRESS);
  await using node = await startNode(controlPlane, [await writeBusyboxImage()]);
  const { kubectl } = controlPlane;

  await createPod(
    controlPlane,
    'succeeds',
    'id -u; cat /scratch/file; nc $KUBERNETES_SERVICE_HOST 443 </dev/null && echo reached',
  );
  await createPod(controlPlane, 'fails', 'exit 42');
  await createPod(controlPlane, 'takes-too-much', 'x=a; while true; do x=$x$x; done');
  const succeeded = await endOf(controlPlane, 'succeeds', 'Succeeded');
  const failed = await endOf(controlPlane, 'fails', 'Failed');
  const tookTooMuch = await endOf(controlPlane, 'takes-too-much', 'Failed');
  const log = await kubectl(['logs', 'succeeds']);

  await node.kubelet.restart();
  await createPod(controlPlane, 'after-restart', 'true');
  return { succeeded, failed, tookTooMuch, log, afterRestart: await endOf(controlPlane, 'after-restart', 'Succeeded') };
}

/** A pod that may have 32 MiB, with a scratch volume that an init container has written to. */
async function createPod({ kubectl }: ControlPlane, name: string, command: string): Promise<void> {
  const container = (of: string, script: string) => ({
    name: of,
    image: BUSYBOX_IMAGE,
    imagePullPolicy: 'Never',
    command: ['sh', '-c', script],
    resources: { limits: { memory: '32Mi' } },
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  });
  const spec = {
    restartPolicy: 'Never',
    volumes: [{ name: 'scratch', emptyDir: {} }],
    initContainers: [container('init', 'echo kept >/scratch/file')],
    containers: [container('main', command)],
  };
  await kubectl(
    ['create', '--filename=-'],
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }),
  );
}

async function endOf({ kubectl }: ControlPlane, name: string, phase: EndedPod['phase']): Promise<EndedPod> {
  await kubectl(['wait', `--for=jsonpath={.status.phase}=${phase}`, 'pod', name, '--timeout=60s']);
  const terminated = '--output=jsonpath={.status.containerStatuses[0].state.terminated}';
  const { exitCode, reason } = JSON.parse(await kubectl(['get', 'pod', name, terminated]));
  return { phase, exitCode, reason };
}
