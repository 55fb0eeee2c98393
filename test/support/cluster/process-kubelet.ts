import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { V1Pod } from '@kubernetes/client-node';
import { systemClock } from '#platform/clock/system-clock.ts';
import { isNotFound } from '#platform/kube/kube-api-error.ts';
import type { KubeClient } from '#platform/kube/kube-client.ts';
import { PODS, type Stored } from '#platform/kube/kube-object.ts';
import { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import { aKubeClient } from '../kube/a-kube-client.ts';
import { RecordingLogger } from '../recording-logger.ts';
import type { ControlPlane } from '../servers/control-plane.ts';
import { describeNode, sayNodeIs } from '../servers/described-node.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { startPodProcess, volumeFolder } from './pod-process.ts';

const execute = promisify(execFile);

type Pod = Stored<V1Pod>;

/** Of Linux; a shell says 128 and the signal's number. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/**
 * A node whose pods are processes of this machine: for tests of faults, which take several nodes or have to be quick.
 * What the kubelet and containers themselves do is tried on a real node.
 */
export class ProcessKubelet implements AsyncDisposable {
  /** Variables of the environment of pods that start from now on, beside their own. */
  environment: Readonly<Record<string, string>> = {};
  /** How much fits on the scratch volume of pods that start from now on; `null`: as much as here. */
  scratchKib: number | null = null;
  readonly #name: string;
  readonly #cluster: ControlPlane;
  readonly #client: KubeClient;
  readonly #resources: AsyncDisposableStack;
  readonly #folder: string;
  readonly #pods: ListAndWatch<Pod>;
  readonly #processes = new Map<string, ChildProcess>();
  readonly #begun = new Set<string>();
  readonly #unsaid: (() => Promise<void>)[] = [];
  #lost = false;

  private constructor(cluster: ControlPlane, name: string, folder: string, resources: AsyncDisposableStack) {
    this.#cluster = cluster;
    this.#name = name;
    this.#client = aKubeClient(cluster.kubeconfig);
    this.#folder = folder;
    this.#resources = resources;
    this.#pods = resources.use(
      new ListAndWatch<Pod>({
        client: this.#client,
        resource: PODS,
        selection: { namespace: null, fieldSelector: `spec.nodeName=${name}` },
        changed: (change) => {
          if ('after' in change) this.#look(change.after);
        },
        silenceMs: 120_000,
        watchSeconds: 300,
        backoff: { firstMs: 100, longestMs: 1000 },
        clock: systemClock,
        random: Math.random,
        log: new RecordingLogger(),
      }),
    );
  }

  /** @param extended resources that the node has beside CPUs and memory. */
  static async start(
    cluster: ControlPlane,
    name: string,
    extended: Readonly<Record<string, string>> = {},
  ): Promise<ProcessKubelet> {
    await using resources = new AsyncDisposableStack();
    const { path } = resources.use(await temporaryFolder());
    await describeNode(cluster, name, extended);
    return new ProcessKubelet(cluster, name, path, resources.move());
  }

  /** Names of the pods whose processes run. */
  get running(): string[] {
    return [...this.#processes.keys()];
  }

  /** SIGKILL as when memory runs out, or a program crashes; SIGSTOP and SIGCONT as when its machine stands still. */
  kill(pod: string, signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT' = 'SIGKILL'): void {
    const pid = this.#processes.get(pod)?.pid;
    // Not by the child itself, which takes whatever signal it passes on for its end.
    if (pid !== undefined) process.kill(pid, signal);
  }

  /**
   * From now on it says and hears nothing, as when a network cable is out: its processes go on. The cluster knows, as if
   * the time were over after which it gives a silent node up.
   */
  async lose(): Promise<void> {
    this.#lost = true;
    await sayNodeIs(this.#cluster, this.#name, 'Unknown');
  }

  /** It is back, says what happened meanwhile, and does what it was told. */
  async find(): Promise<void> {
    this.#lost = false;
    await sayNodeIs(this.#cluster, this.#name, 'True');
    for (const say of this.#unsaid.splice(0)) await say();
    for (const pod of this.#pods.cache.all()) this.#look(pod);
  }

  /** Where a pod's output goes. */
  logFile(pod: string): string {
    return join(this.#folder, pod, 'log');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#lost = true;
    for (const child of this.#processes.values()) child.kill('SIGKILL');
    await this.#resources.disposeAsync();
  }

  #look(pod: Pod): void {
    const { name, deletionTimestamp } = pod.metadata;
    if (this.#lost) return;
    if (deletionTimestamp !== undefined) this.#end(pod);
    else if (!this.#begun.has(name)) {
      this.#begun.add(name);
      // Only the test's own end may come in between.
      this.#run(pod).catch((error) => this.#lost || process.emitWarning(error));
    }
  }

  async #run(pod: Pod): Promise<void> {
    const { name } = pod.metadata;
    const { environment, scratchKib } = this;
    const child = await startPodProcess(this.#cluster, pod, {
      folder: join(this.#folder, name),
      environment,
      scratchKib,
    });
    this.#processes.set(name, child);
    const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
    await this.#say(pod, 'Running', { running: { startedAt: new Date().toISOString() } });
    const [code, signal] = await ended;
    this.#processes.delete(name);
    if (scratchKib !== null) await execute('umount', [volumeFolder(join(this.#folder, name), 'scratch')]);
    const exitCode = code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 0);
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    await this.#say(pod, exitCode === 0 ? 'Succeeded' : 'Failed', { terminated: { exitCode, reason } });
    if (this.#pods.cache.get(refOf(pod))?.metadata.deletionTimestamp !== undefined) await this.#remove(pod);
  }

  /** SIGTERM, and SIGKILL once the grace is over. */
  #end(pod: Pod): void {
    const child = this.#processes.get(pod.metadata.name);
    if (child === undefined) {
      this.#remove(pod).catch((error) => this.#lost || process.emitWarning(error));
      return;
    }
    if (child.killed) return;
    child.kill('SIGTERM');
    const graceMs = new Date(pod.metadata.deletionTimestamp ?? 0).getTime() - Date.now();
    setTimeout(() => child.exitCode === null && child.kill('SIGKILL'), graceMs).unref();
  }

  /** What others have said of the pod stays: why it is disrupted, say. */
  async #say(pod: Pod, phase: string, state: object): Promise<void> {
    if (this.#lost) {
      this.#unsaid.push(() => this.#say(pod, phase, state));
      return;
    }
    const now = await this.#client.get(PODS, refOf(pod));
    if (now === undefined) return;
    const [container] = pod.spec?.containers ?? [];
    const status = {
      name: container?.name,
      image: container?.image,
      imageID: 'none',
      ready: false,
      restartCount: 0,
      state,
    };
    try {
      await this.#client.replaceStatus(PODS, now, { ...now.status, phase, containerStatuses: [status] });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #remove(pod: Pod): Promise<void> {
    const { name, namespace = '' } = pod.metadata;
    await this.#cluster.kubectl([
      'delete',
      'pod',
      name,
      `--namespace=${namespace}`,
      '--grace-period=0',
      '--force',
      '--ignore-not-found',
      '--wait=false',
    ]);
  }
}

const refOf = ({ metadata: { name, namespace = '' } }: Pod) => ({ namespace, name });
