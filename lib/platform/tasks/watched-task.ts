import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { Clock } from '../clock/clock.ts';
import type { KubeClient, Selection } from '../kube/kube-client.ts';
import { JOBS, type KubeObject, PODS, type Resource, type Stored } from '../kube/kube-object.ts';
import { ListAndWatch } from '../kube/list-and-watch.ts';
import type { PolicyRule } from '../kube/policy-rule.ts';
import type { Logger } from '../logging/logger.ts';
import { attemptsOf, type ShownAttempt, shownAttempts } from '../runner/kubernetes/shown-attempts.ts';
import { TASKS, type TaskResource } from './custom-resources.ts';

export interface WatchedTaskOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly name: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Hears when the cluster gives no answer, or not to everything. */
  readonly log: Logger;
}

/** What a person needs to be allowed to watch a Task; without the last two they see it without attempts. */
export const WATCHED_TASK_RULES: readonly PolicyRule[] = [
  { apiGroups: ['pentafold.io'], resources: ['tasks'], verbs: ['list', 'watch'] },
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'watch'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
];

/**
 * One Task with its attempts as they are now, kept up to date by watches until disposed of.
 *
 * Whoever may not read Jobs or pods sees the Task without attempts.
 */
export class WatchedTask implements AsyncDisposable {
  readonly #options: WatchedTaskOptions;
  readonly #tasks: ListAndWatch<TaskResource>;
  readonly #jobs: ListAndWatch<Stored<V1Job>>;
  readonly #pods: ListAndWatch<Stored<V1Pod>>;

  constructor(options: WatchedTaskOptions) {
    const { namespace, name } = options;
    this.#options = options;
    this.#tasks = this.#watched(TASKS, { namespace, fieldSelector: `metadata.name=${name}` });
    this.#jobs = this.#watched(JOBS, { namespace, labelSelector: attemptsOf(name) });
    this.#pods = this.#watched(PODS, { namespace, labelSelector: attemptsOf(name) });
  }

  /** Resolves when it is known whether there is such a Task. */
  synced(): Promise<void> {
    return this.#tasks.synced;
  }

  /** `undefined` when there is none, or no more. */
  get task(): TaskResource | undefined {
    return this.#tasks.cache.all()[0];
  }

  get attempts(): ShownAttempt[] {
    return shownAttempts(this.#jobs.cache.all(), this.#pods.cache.all(), this.#options.clock.now());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of [this.#tasks, this.#jobs, this.#pods]) await watch[Symbol.asyncDispose]();
  }

  #watched<T extends KubeObject>(resource: Resource<T>, selection: Selection): ListAndWatch<T> {
    const { client, clock, random, log } = this.#options;
    return new ListAndWatch({
      ...{ client, resource, selection, clock, random, log },
      changed: () => {},
      silenceMs: 150_000,
      watchSeconds: 300,
      backoff: { firstMs: 500, longestMs: 10_000 },
    });
  }
}
