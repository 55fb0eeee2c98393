// What a controller costs that has little to do: node test/scale/idle-controller.ts [FINISHED] [LIVE] [SECONDS] [CHANGES]
// FINISHED Tasks that succeeded, each with KEPT ended Jobs, LIVE ones with 20 running trainings each, for SECONDS, while
// one of the pods changes CHANGES times a second. All in memory: what is measured is the controller alone. One JSON line.

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { API_VERSION, type Task } from '#api/v1alpha1/kinds.ts';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { JOBS, PODS, type Stored } from '#platform/kube/kube-object.ts';
import { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import { attemptJob } from '#platform/runner/kubernetes/attempt-job.ts';
import { KubernetesJobRunner, type Watch } from '#platform/runner/kubernetes/job-runner.ts';
import { CustomResourceTaskStore } from '#platform/tasks/custom-resource-task-store.ts';
import { TASKS } from '#platform/tasks/custom-resources.ts';
import { NO_EVENTS } from '#platform/tasks/task-events.ts';
import { datasetRevision } from '#steps/revision.ts';
import { StepStore } from '#steps/step-store.ts';
import { CountingObjectStore } from '#test/counting-object-store.ts';
import { finishSteps } from '#test/finished-steps.ts';
import { MemoryKubeClient } from '#test/kube/memory-kube-client.ts';
import { MemoryObjectStore } from '#test/memory-object-store.ts';
import { aTask } from '#test/observed-task.ts';
import { RecordingLogger } from '#test/recording-logger.ts';
import { anAttempt } from '#test/step-runner-conformance.ts';
import { configFrom, start } from '../../services/controller/service.ts';

const [finished = 1000, live = 20, seconds = 30, changes = 0] = process.argv.slice(2).map(Number);
const KEPT = 2;

const settings = {
  namespace: 'research',
  images: { worker: 'worker', ensemble: 'ensemble' },
  imagePullPolicy: 'Never',
  environment: {},
  environmentSecrets: [],
  serviceAccount: 'default',
  controllerAddress: '10.0.0.1:8443',
  accelerators: [],
  device: 'cpu',
  graceSeconds: 5,
  keptSeconds: 600,
  cacheGiB: 1,
} as const;

const client = new MemoryKubeClient();
const kube = client as unknown as KubeClient;
const log = new RecordingLogger();
const objects = new CountingObjectStore();
const steps = new StepStore(objects);
const dataset = new MemoryObjectStore();
const revision = await datasetRevision(dataset);

const succeeded = (generation: number): Task['status'] => ({
  observedGeneration: generation,
  conditions: [
    {
      type: 'Succeeded',
      status: 'True',
      reason: 'ModelPublished',
      message: 'It is.',
      lastTransitionTime: '2026-01-01T00:00:00Z',
      observedGeneration: generation,
    },
  ],
  progress: '100%',
  configurations: [],
});

function aResource(name: string, spec: object, status?: Task['status']): Task {
  const task = aTask({ spec });
  const metadata = { namespace: settings.namespace, name, uid: `uid-of-${name}` };
  client.set(TASKS, { apiVersion: API_VERSION, kind: 'Task', metadata, spec: task.spec, ...(status && { status }) });
  return { ...task, metadata: { ...task.metadata, ...metadata } };
}

function aJob(task: string, step: string, ended: boolean): void {
  const job = attemptJob({ ...anAttempt('train', 1, step), task: { name: task, uid: `uid-of-${task}` } }, settings);
  const status = ended ? { conditions: [{ type: 'Complete', status: 'True' }] } : { active: 1 };
  client.set(JOBS, { ...job, status } as unknown as Stored<V1Job>);
  const name = `${job.metadata.name}-abcde`;
  const labels = { ...job.metadata.labels, 'batch.kubernetes.io/job-name': job.metadata.name };
  const phase = ended ? 'Succeeded' : 'Running';
  const containers = [{ state: { terminated: { exitCode: 0 } } }];
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: settings.namespace, name, labels } };
  const podStatus = ended ? { phase, containerStatuses: containers } : { phase };
  client.set(PODS, { ...pod, status: podStatus } as unknown as Stored<V1Pod>);
}

for (let i = 0; i < finished; i++) {
  aResource(`finished-${i}`, { folds: 20 }, succeeded(1));
  for (let n = 0; n < KEPT; n++) aJob(`finished-${i}`, String(i * KEPT + n).padStart(64, 'f'), true);
}
for (let i = 0; i < live; i++) {
  const task = aResource(`live-${i}`, { folds: 10, configurations: ['2d'], training: { seed: i } });
  const digests = await finishSteps(steps, task, revision, ['ingest', 'plan', 'preprocess/2d']);
  for (const [key, step] of digests) {
    if (!key.startsWith('train/')) continue;
    await steps.begin(step, 1);
    aJob(`live-${i}`, step, false);
  }
}

const watch: Watch = (resource, _selector, changed) =>
  new ListAndWatch({
    client: kube,
    resource,
    selection: { namespace: settings.namespace },
    changed: (change) => changed(('after' in change ? change.after : change.before).metadata.name),
    silenceMs: 600_000,
    watchSeconds: 600,
    backoff: { firstMs: 50, longestMs: 1000 },
    clock: systemClock,
    random: Math.random,
    log,
  });
const runner = new KubernetesJobRunner({ client: kube, watch, settings, clock: systemClock });
await using tasks = new CustomResourceTaskStore({
  client: kube,
  namespace: settings.namespace,
  clock: systemClock,
  random: Math.random,
  log,
});
await Promise.all([runner.synced(), tasks.synced()]);

await using controller = await start(configFrom({ RESYNC_SECONDS: '10' }), {
  tasks,
  objects,
  datasets: () => dataset,
  openRunner: () => runner,
  serve: async () => ({ address: 'nowhere:1', async [Symbol.asyncDispose]() {} }),
  deletions: tasks,
  events: NO_EVENTS,
  version: '1.0.0',
  clock: systemClock,
  log,
});
await setTimeout(5000);

objects.taken();
const writesBefore = client.writes;
const before = process.cpuUsage();
const beganMs = performance.now();
const [pod] = (await client.list(PODS, { namespace: null })).items.slice(-1);
while (performance.now() - beganMs < seconds * 1000) {
  await setTimeout(changes === 0 ? seconds * 1000 : 1000 / changes);
  if (changes > 0 && pod !== undefined) {
    client.set(PODS, { ...pod, metadata: { ...pod.metadata, annotations: { change: randomUUID() } } });
  }
}
const { user, system } = process.cpuUsage(before);
const elapsedSeconds = (performance.now() - beganMs) / 1000;
const requests = objects.taken();
const verbs = Object.groupBy(requests, (request) => request.split(' ')[0] ?? '');
process.stdout.write(
  `${JSON.stringify({
    finished,
    live,
    changes,
    cpuPercent: Number(((user + system) / 1e4 / elapsedSeconds).toFixed(2)),
    rssMiB: Math.round(process.memoryUsage().rss / 2 ** 20),
    objectRequestsAMinute: Math.round((requests.length / elapsedSeconds) * 60),
    byVerb: Object.fromEntries(Object.entries(verbs).map(([verb, all]) => [verb, all?.length])),
    kubeWrites: client.writes - writesBefore,
    problems: log.lines.filter(({ level }) => level === 'error').length,
  })}\n`,
);
await controller.leave();
