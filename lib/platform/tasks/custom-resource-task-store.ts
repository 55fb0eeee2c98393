import { type Model, STORED_DATA_FINALIZER, type Task, type TaskStatus } from '#api/v1alpha1/kinds.ts';
import { retryRequest } from '#api/v1alpha1/retry.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import { ChangeSignal } from '../change-signal.ts';
import type { Clock } from '../clock/clock.ts';
import { isNotFound, statusOf } from '../kube/kube-api-error.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { NAMESPACES } from '../kube/kube-object.ts';
import type { ListAndWatch } from '../kube/list-and-watch.ts';
import { namespaceWatch } from '../kube/namespace-watch.ts';
import type { Change } from '../kube/object-cache.ts';
import type { PolicyRule } from '../kube/policy-rule.ts';
import type { Logger } from '../logging/logger.ts';
import { MODELS, type ModelResource, TASKS, type TaskResource } from './custom-resources.ts';
import type { Deletions, LeavingTask } from './deletions.ts';
import { invalidTaskStatus, saysInvalid } from './invalid-task-status.ts';
import { checkedObjectName } from './object-name.ts';
import { type ReadTask, readTask } from './read-task.ts';
import type { TaskStore } from './task-store.ts';

export interface CustomResourceTaskStoreOptions {
  readonly client: KubeClient;
  /** The one namespace whose Tasks and Models these are. */
  readonly namespace: string;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
}

/** What a controller's store may do in its namespace: read Tasks and say how they are, but not change what is wanted. */
export const TASK_STORE_RULES: readonly PolicyRule[] = [
  { apiGroups: ['pentafold.io'], resources: ['tasks'], verbs: ['get', 'list', 'watch'] },
  { apiGroups: ['pentafold.io'], resources: ['tasks/status'], verbs: ['patch'] },
  { apiGroups: ['pentafold.io'], resources: ['models'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
];

/**
 * What it needs besides for Tasks with `deletionPolicy: Delete`. A finalizer is part of the Task itself, so that this
 * right reaches further than its use: leave it out where nobody deletes so.
 */
export const DELETION_RULES: readonly PolicyRule[] = [
  { apiGroups: ['pentafold.io'], resources: ['tasks'], verbs: ['patch'] },
  { apiGroups: [''], resources: ['namespaces'], verbs: ['get'] },
];

/**
 * Tasks and Models as CustomResources of one namespace.
 *
 * Reads come from a cache that a watch keeps up to date and that knows our own writes at once. A Task that is being
 * deleted is as good as gone: nothing may be started for it.
 */
export class CustomResourceTaskStore implements TaskStore, Deletions, AsyncDisposable {
  readonly #options: CustomResourceTaskStoreOptions;
  readonly #tasks: ListAndWatch<TaskResource>;
  readonly #models: ListAndWatch<ModelResource>;
  readonly #change = new ChangeSignal();
  /** Of resources as the cache has them, which never change: a look at a thousand Tasks reads only what is new. */
  readonly #reads = new WeakMap<TaskResource, ReadTask>();

  constructor(options: CustomResourceTaskStoreOptions) {
    this.#options = options;
    const watch = namespaceWatch(options);
    this.#tasks = watch(TASKS, '', (change) => {
      if (matters(change)) this.#change.note();
    });
    this.#models = watch(MODELS, '', () => {});
  }

  /** Resolves when the store knows what there is; other calls wait for it. */
  async synced(): Promise<void> {
    await Promise.all([this.#tasks.synced, this.#models.synced]);
  }

  async list(): Promise<Task[]> {
    await this.synced();
    const tasks = await Promise.all(this.#tasks.cache.all().map((resource) => this.#read(resource)));
    return tasks.filter((task) => task !== undefined);
  }

  async get(name: string): Promise<Task | undefined> {
    const resource = await this.#resource(name);
    return resource === undefined ? undefined : this.#read(resource);
  }

  async apply({
    apiVersion,
    kind,
    metadata: { name },
    spec,
  }: Pick<Task, 'apiVersion' | 'kind' | 'spec'> & { readonly metadata: { readonly name: string } }): Promise<Task> {
    const { client, namespace } = this.#options;
    await this.synced();
    const resource = await client.apply(TASKS, { apiVersion, kind, metadata: { name, namespace }, spec });
    this.#tasks.know(resource);
    const read = readTask(resource);
    if (read.kind === 'task') return read.task;
    throw new Error(`the API server stored another Task ${name} than was sent: ${read.problems.join('; ')}`);
  }

  async updateStatus(name: string, status: TaskStatus): Promise<void> {
    const resource = await this.#resource(name);
    if (resource === undefined) throw new RangeError(`there is no Task ${name}`);
    await this.#writeStatus(resource, status);
  }

  async getModel(name: string): Promise<Model | undefined> {
    const { namespace } = this.#options;
    const checked = checkedObjectName(name);
    await this.synced();
    const resource = this.#models.cache.get({ namespace, name: checked });
    return resource === undefined ? undefined : modelOf(resource);
  }

  async applyModel({ apiVersion, kind, metadata: { name }, spec }: Model): Promise<void> {
    const { client, namespace } = this.#options;
    const stored = await this.getModel(name);
    if (stored !== undefined && canonicalJson(stored.spec) === canonicalJson(spec)) return;
    if (stored !== undefined && stored.spec.version >= spec.version) {
      throw new RangeError(
        `model ${name} has version ${stored.spec.version} already and versions do not change; got ${spec.version}`,
      );
    }
    // Should our cache be behind, the API server refuses by the same rule.
    this.#models.know(await client.apply(MODELS, { apiVersion, kind, metadata: { name, namespace }, spec }));
  }

  async hold(name: string, isHeld: boolean): Promise<void> {
    const { client, namespace } = this.#options;
    const resource = await this.#resource(name);
    if (resource === undefined || hasHold(resource) === isHeld) return;
    const { uid, resourceVersion, finalizers = [] } = resource.metadata;
    const others = finalizers.filter((one) => one !== STORED_DATA_FINALIZER);
    // The list is replaced as a whole, so only in the Task as it was read.
    const metadata = { uid, resourceVersion, finalizers: isHeld ? [...others, STORED_DATA_FINALIZER] : others };
    try {
      this.#tasks.know(await client.merge(TASKS, { namespace, name }, { metadata }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async leaving(): Promise<LeavingTask[]> {
    await this.synced();
    return this.#tasks.cache.all().flatMap((resource) => {
      const { name, deletionTimestamp } = resource.metadata;
      if (deletionTimestamp === undefined || !hasHold(resource)) return [];
      const read = readTask(resource);
      return [{ name, task: read.kind === 'task' ? read.task : undefined, since: new Date(deletionTimestamp) }];
    });
  }

  async modelSteps(): Promise<string[]> {
    await this.synced();
    return this.#models.cache.all().map(({ spec }) => spec.step);
  }

  async everythingGoes(): Promise<boolean> {
    const { client, namespace } = this.#options;
    const found = await client.get(NAMESPACES, { namespace: null, name: namespace });
    return found?.metadata.deletionTimestamp !== undefined;
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#tasks[Symbol.asyncDispose](), this.#models[Symbol.asyncDispose]()]);
  }

  async #resource(name: string): Promise<TaskResource | undefined> {
    const { namespace } = this.#options;
    const checked = checkedObjectName(name);
    await this.synced();
    return this.#tasks.cache.get({ namespace, name: checked });
  }

  /** `undefined` for a Task that is going, or that cannot be meant as it is; of the latter its status says why. */
  async #read(resource: TaskResource): Promise<Task | undefined> {
    if (resource.metadata.deletionTimestamp !== undefined) return undefined;
    const read = this.#reads.get(resource) ?? readTask(resource);
    this.#reads.set(resource, read);
    if (read.kind === 'task') return read.task;
    if (!saysInvalid(resource)) {
      this.#options.log.warn({ task: resource.metadata.name, problems: read.problems }, 'task is not valid');
      await this.#writeStatus(resource, invalidTaskStatus(resource, read.problems, this.#options.clock.now()));
    }
    return undefined;
  }

  /** Only if it is another one. A Task that went meanwhile needs none. */
  async #writeStatus(resource: TaskResource, status: TaskStatus): Promise<void> {
    if (canonicalJson(resource.status ?? null) === canonicalJson(status)) return;
    try {
      this.#tasks.know(await this.#options.client.replaceStatus(TASKS, resource, status));
    } catch (error) {
      if (!isNotFound(error) && !(await this.#isAnotherNow(resource, error))) throw error;
    }
  }

  /** Whether the patch failed because another Task has the name now; the answer itself does not say why. */
  async #isAnotherNow({ metadata: { name, uid } }: TaskResource, error: unknown): Promise<boolean> {
    if (statusOf(error) !== 422) return false;
    const { client, namespace } = this.#options;
    return (await client.get(TASKS, { namespace, name }))?.metadata.uid !== uid;
  }
}

const hasHold = ({ metadata }: TaskResource): boolean => metadata.finalizers?.includes(STORED_DATA_FINALIZER) ?? false;

/** Our own statuses come back as changes; nothing is to be done about them. */
function matters(change: Change<TaskResource>): boolean {
  if (change.type !== 'changed') return true;
  const [before, after] = [change.before.metadata, change.after.metadata];
  return (
    before.generation !== after.generation ||
    before.deletionTimestamp !== after.deletionTimestamp ||
    retryRequest(before.annotations) !== retryRequest(after.annotations)
  );
}

const modelOf = ({ metadata: { name, creationTimestamp }, spec }: ModelResource): Model => ({
  apiVersion: MODELS.apiVersion as Model['apiVersion'],
  kind: 'Model',
  metadata: { name, creationTimestamp },
  spec,
});
