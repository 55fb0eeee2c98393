import type { V1Pod } from '@kubernetes/client-node';
import type { TaskStatus } from '#api/v1alpha1/kinds.ts';
import { PODS, type Stored } from '#platform/kube/kube-object.ts';
import type { ListAndWatch } from '#platform/kube/list-and-watch.ts';
import type { Watch } from '#platform/kube/namespace-watch.ts';
import { LABELS } from '#platform/runner/kubernetes/attempt-job.ts';
import { TASKS, type TaskResource } from '#platform/tasks/custom-resources.ts';

/** When what happened to a Task, in milliseconds of this process's clock, as its own watches heard of it. */
interface Times {
  readonly appliedMs: number;
  firstPodMs?: number;
  lastPodEndedMs?: number;
  succeededMs?: number;
}

/** How long Tasks take, seen from outside. */
export class TaskTimes implements AsyncDisposable {
  readonly #times = new Map<string, Times>();
  readonly #tasks: ListAndWatch<TaskResource>;
  readonly #pods: ListAndWatch<Stored<V1Pod>>;
  #succeeded = 0;
  #failure: string | null = null;
  #failedPods = 0;
  #largestStatusBytes = 0;

  constructor(watch: Watch) {
    this.#tasks = watch(TASKS, '', (change) => {
      if ('after' in change) this.#lookAt(change.after);
    });
    this.#pods = watch(PODS, '', (change) => {
      if ('after' in change) this.#lookAtPod(change.after);
    });
  }

  applied(task: string): void {
    this.#times.set(task, { appliedMs: performance.now() });
  }

  /** How many Tasks have. @throws {Error} when one has failed. */
  get succeeded(): number {
    if (this.#failure !== null) throw new Error(this.#failure);
    return this.#succeeded;
  }

  /** In JSON. */
  get largestStatusBytes(): number {
    return this.#largestStatusBytes;
  }

  get failedPods(): number {
    return this.#failedPods;
  }

  /** In seconds, per Task, ascending. */
  get appliedToPods(): number[] {
    return this.#seconds(({ appliedMs, firstPodMs = Number.NaN }) => firstPodMs - appliedMs);
  }

  get lastPodToSucceeded(): number[] {
    return this.#seconds(({ lastPodEndedMs = Number.NaN, succeededMs = Number.NaN }) => succeededMs - lastPodEndedMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#tasks[Symbol.asyncDispose](), this.#pods[Symbol.asyncDispose]()]);
  }

  #seconds = (ms: (times: Times) => number): number[] =>
    [...this.#times.values()].map((times) => ms(times) / 1000).sort((a, b) => a - b);

  #lookAt({ metadata: { name }, status }: TaskResource): void {
    this.#largestStatusBytes = Math.max(this.#largestStatusBytes, JSON.stringify(status ?? null).length);
    const { conditions = [] } = (status ?? {}) as Partial<TaskStatus>;
    const failed = conditions.find((one) => one.type === 'Failed' && one.status === 'True');
    if (failed !== undefined) this.#failure ??= `Task ${name} failed: ${failed.message}`;
    const times = this.#times.get(name);
    const hasSucceeded = conditions.some((one) => one.type === 'Succeeded' && one.status === 'True');
    if (times === undefined || times.succeededMs !== undefined || !hasSucceeded) return;
    times.succeededMs = performance.now();
    this.#succeeded += 1;
  }

  /** A step that several Tasks need counts for the one that its Job is of. */
  #lookAtPod({ metadata: { labels }, status }: Stored<V1Pod>): void {
    if (status?.phase === 'Failed') this.#failedPods += 1;
    const times = this.#times.get(labels?.[LABELS.task] ?? '');
    if (times === undefined) return;
    times.firstPodMs ??= performance.now();
    if (status?.phase === 'Succeeded' && times.succeededMs === undefined) times.lastPodEndedMs = performance.now();
  }
}
