import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { systemClock } from '#platform/clock/system-clock.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { namespaceWatch } from '#platform/kube/namespace-watch.ts';
import { DirectoryObjectStore } from '#platform/objects/directory-object-store.ts';
import { MODELS, TASKS } from '#platform/tasks/custom-resources.ts';
import { BUCKET } from '../cluster/test-cluster.ts';
import { startTestSite, type TestSite } from '../cluster/test-site.ts';
import { until } from '../cluster/until.ts';
import { aKubeClient } from '../kube/a-kube-client.ts';
import { RecordingLogger } from '../recording-logger.ts';
import type { ServerProcess } from '../servers/server-process.ts';
import { PlayedWorkers } from './played-workers.ts';
import { processUsage } from './process-usage.ts';
import { apiRequests, type Counts, since, storeRequests } from './request-counts.ts';
import { type SimulatedCluster, startSimulatedCluster } from './simulated-cluster.ts';
import { TaskTimes } from './task-times.ts';

export interface ScaleSize {
  readonly tasks: number;
  readonly nodes: number;
  /** Those of every Task; as many trainings as their product. */
  readonly configurations: readonly string[];
  readonly folds: number;
  /** How long the Tasks may take together. */
  readonly patienceSeconds: number;
  /**
   * Once they have succeeded the controller is watched for so long, and then one that is started among so many finished
   * Tasks; `null`: neither is.
   */
  readonly idle: { readonly seconds: number; readonly finishedTasks: number } | null;
}

/** What the controller of many Tasks cost, from the first apply to the last success. */
export interface ScaleReport {
  readonly size: ScaleSize;
  readonly seconds: number;
  readonly controllerCpuSeconds: number;
  readonly highestRssMiB: number;
  readonly apiRequests: Counts;
  readonly storeRequests: Counts;
  /** Seconds per Task, ascending. */
  readonly appliedToPods: readonly number[];
  readonly lastPodToSucceeded: readonly number[];
  readonly largestStatusBytes: number;
  readonly failedPods: number;
  readonly idle: { readonly afterWork: Idle; readonly startedAnew: Idle } | null;
}

export interface Idle {
  readonly rssMiB: number;
  /** Of one core, in [0, 1]. */
  readonly core: number;
}

const NAMESPACE = 'scale';
/** Of the loop the defaults. */
const SETTINGS = { RESYNC_SECONDS: '10', ACCELERATORS: 'example.com/gpu=80Gi' };
/** So many requests that apply Tasks are under way at a time. */
const APPLIED_AT_ONCE = 8;

export const trainings = ({ tasks, configurations, folds }: ScaleSize): number => tasks * configurations.length * folds;

/** Applies Tasks, all at once, on a cluster of its own, and sees them succeed. */
export async function runAtScale(size: ScaleSize): Promise<ScaleReport> {
  await using cluster = await startSimulatedCluster(size.nodes, NAMESPACE);
  await using site = await startTestSite(cluster, NAMESPACE);
  const client = aKubeClient(cluster.controlPlane.kubeconfig, { pageSize: 500, timeoutMs: 120_000 });
  const watching = {
    client,
    namespace: NAMESPACE,
    clock: systemClock,
    random: Math.random,
    log: new RecordingLogger(),
  };
  const watch = namespaceWatch(watching);
  await using _workers = new PlayedWorkers(watch, new DirectoryObjectStore(join(cluster.s3.folder, BUCKET, NAMESPACE)));
  await using times = new TaskTimes(watch);
  await site.objects.put('dataset/dataset.json', new TextEncoder().encode('{}'));
  const controller = await site.startController(0, SETTINGS);
  const [apiBefore, storeBefore] = await requestsSoFar(cluster);
  const usageBefore = await processUsage(controller.pid);
  const begunMs = performance.now();
  await atOnce(size.tasks, APPLIED_AT_ONCE, async (i) => {
    const task = simulatedTask(i, size);
    times.applied(task.metadata.name);
    await client.create(TASKS, task);
  });
  await until(
    `${size.tasks} Tasks have succeeded`,
    async () => (times.succeeded === size.tasks ? true : undefined),
    size.patienceSeconds,
  );
  const seconds = (performance.now() - begunMs) / 1000;
  // What is still said of the last ones belongs to them.
  await setTimeout(2000);
  const usage = await processUsage(controller.pid);
  const [api, store] = await requestsSoFar(cluster);
  return {
    ...{ size, seconds },
    controllerCpuSeconds: usage.cpuSeconds - usageBefore.cpuSeconds,
    highestRssMiB: usage.highestRssMiB,
    apiRequests: since(apiBefore, api),
    storeRequests: since(storeBefore, store),
    appliedToPods: times.appliedToPods,
    lastPodToSucceeded: times.lastPodToSucceeded,
    largestStatusBytes: times.largestStatusBytes,
    failedPods: times.failedPods,
    idle: size.idle === null ? null : await idleOf({ site, controller, client, tasks: size.tasks }, size.idle),
  };
}

const requestsSoFar = ({ auditLog, s3 }: SimulatedCluster): Promise<[Counts, Counts]> =>
  Promise.all([apiRequests(auditLog), storeRequests(s3.accessLog)]);

/** Trainings that differ from Task to Task; what comes before them is the same for all. */
const simulatedTask = (i: number, { configurations, folds }: ScaleSize) => ({
  apiVersion: TASKS.apiVersion,
  kind: TASKS.kind,
  metadata: { name: `task-${i}`, namespace: NAMESPACE },
  spec: {
    dataset: { uri: `s3://${BUCKET}/${NAMESPACE}/dataset` },
    configurations,
    folds,
    training: { seed: i },
    workers: { threads: 1, resources: { memory: '1Gi' } },
  },
});

interface Worked {
  readonly site: TestSite;
  readonly controller: ServerProcess;
  readonly client: KubeClient;
  readonly tasks: number;
}

async function idleOf(worked: Worked, { seconds, finishedTasks }: NonNullable<ScaleSize['idle']>) {
  const { site, controller, client, tasks } = worked;
  const afterWork = await idle(controller, seconds);
  await controller.kill();
  // Meanwhile nobody has anything to say of them.
  await addFinishedTasks(client, finishedTasks - tasks);
  const startedAnew = await site.startController(1, SETTINGS);
  await leads(startedAnew);
  return { afterWork, startedAnew: await idle(startedAnew, seconds) };
}

/** Copies of one that has succeeded, with its status and its Model. */
async function addFinishedTasks(client: KubeClient, count: number): Promise<void> {
  const ref = { namespace: NAMESPACE, name: 'task-0' };
  const [task, model] = [await client.get(TASKS, ref), await client.get(MODELS, ref)];
  if (task?.status === undefined || model === undefined) throw new Error('task-0 has not succeeded');
  const { status } = task;
  await atOnce(count, APPLIED_AT_ONCE, async (i) => {
    const metadata = { name: `finished-${i}`, namespace: NAMESPACE };
    const { apiVersion, kind, spec } = task;
    const added = await client.create(TASKS, { apiVersion, kind, metadata, spec });
    await client.create(MODELS, { ...model, metadata, spec: { ...model.spec, task: metadata.name } });
    await client.replaceStatus(TASKS, added, status);
  });
}

/** As its log says: the lease of one that was killed has to end first. */
const leads = ({ logFile }: ServerProcess): Promise<true> =>
  until('the controller leads', async () =>
    (await readFile(logFile, 'utf8')).includes('controller started') ? true : undefined,
  );

const SETTLING_MS = 20_000;

/** Once what is still under way has settled. */
async function idle({ pid }: ServerProcess, seconds: number): Promise<Idle> {
  await setTimeout(SETTLING_MS);
  const before = await processUsage(pid);
  await setTimeout(1000 * seconds);
  const after = await processUsage(pid);
  return { rssMiB: after.rssMiB, core: (after.cpuSeconds - before.cpuSeconds) / seconds };
}

async function atOnce(count: number, parallel: number, work: (i: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
}
