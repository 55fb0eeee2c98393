// Runs on a private machine: two steps of a Task as containers, and what `pentafold logs` says of them. Prints that as JSON.

import { stringify } from 'yaml';
import { LABELS, STEP_ANNOTATION, TITLE_ANNOTATION } from '#platform/runner/kubernetes/attempt-job.ts';
import { pentafold, type Said } from '#test/command-line.ts';
import { type ControlPlane, startControlPlane } from '#test/servers/control-plane.ts';
import { startNode } from '#test/servers/node/node.ts';
import { MACHINE_ADDRESS } from '#test/servers/node/private-machine.ts';
import { BUSYBOX_IMAGE, writeBusyboxImage } from './busybox-image.ts';

/** What the test asserts about. */
export interface LogReport {
  readonly all: Said;
  readonly previous: Said;
  readonly followed: Said;
}

if (import.meta.main) process.stdout.write(JSON.stringify(await report()));

async function report(): Promise<LogReport> {
  await using controlPlane = await startControlPlane(MACHINE_ADDRESS);
  await using _node = await startNode(controlPlane, [await writeBusyboxImage()]);
  const { kubectl, kubeconfig } = controlPlane;
  const logs = (...args: string[]) => pentafold(['logs', 'liver', ...args], { KUBECONFIG: kubeconfig });
  await kubectl(['apply', '--server-side', '-f', 'charts/pentafold/crds']);
  await kubectl(['wait', '--for=condition=Established', 'crd', 'tasks.pentafold.io']);
  const metadata = { name: 'liver' };
  const spec = { dataset: { uri: 's3://imaging/liver' } };
  await kubectl(
    ['create', '-f', '-'],
    stringify({ apiVersion: 'pentafold.io/v1alpha1', kind: 'Task', metadata, spec }),
  );

  await createAttempt(controlPlane, 'ingest', 1, 'echo read; echo all');
  await createAttempt(controlPlane, 'train 2d fold 0', 1, 'echo first try; exit 1');
  await createAttempt(controlPlane, 'train 2d fold 0', 2, 'printf "second try\nwithout an end"');
  for (const [job, end] of [
    ['liver-ingest-1', 'complete'],
    ['liver-train-1', 'failed'],
    ['liver-train-2', 'complete'],
  ])
    await kubectl(['wait', `--for=condition=${end}`, `job/${job}`, '--timeout=60s']);
  const all = await logs();
  const previous = await logs('fold 0', '--previous');

  await createAttempt(controlPlane, 'publish', 1, 'echo begins; sleep 5; echo ends');
  await kubectl(['wait', '--for=jsonpath={.status.ready}=1', 'job/liver-publish-1', '--timeout=60s']);
  const following = logs('publish', '--follow');
  await kubectl(['wait', '--for=condition=complete', 'job/liver-publish-1', '--timeout=60s']);
  const now = new Date().toISOString();
  const succeeded = { type: 'Succeeded', status: 'True', reason: 'ModelPublished', message: 'The end.' };
  const conditions = [{ ...succeeded, lastTransitionTime: now, observedGeneration: 1 }];
  const status = { observedGeneration: 1, progress: '100%', configurations: [], conditions };
  const patch = ['--subresource=status', '--type=merge', '-p', JSON.stringify({ status })];
  await kubectl(['patch', 'task', 'liver', ...patch]);
  return { all, previous, followed: await following };
}

/** As the controller labels it. */
async function createAttempt({ kubectl }: ControlPlane, title: string, attempt: number, script: string): Promise<void> {
  const labels = { [LABELS.task]: 'liver', [LABELS.attempt]: String(attempt) };
  const metadata = { labels, annotations: { [STEP_ANNOTATION]: title, [TITLE_ANNOTATION]: title } };
  const command = ['sh', '-c', script];
  const containers = [{ name: 'worker', image: BUSYBOX_IMAGE, imagePullPolicy: 'Never', command }];
  const template = { metadata, spec: { restartPolicy: 'Never', containers } };
  const name = `liver-${title.split(' ')[0]}-${attempt}`;
  const job = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { ...metadata, name },
    spec: { backoffLimit: 0, template },
  };
  await kubectl(['create', '-f', '-'], stringify(job));
}
