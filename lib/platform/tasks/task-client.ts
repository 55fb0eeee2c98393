import { RETRY_ANNOTATION } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import { type Forbidden, orForbidden } from '../kube/forbidden.ts';
import type { KubeClient } from '../kube/kube-client.ts';
import { JOBS, type ObjectMeta, type ObjectRef, PODS } from '../kube/kube-object.ts';
import type { PolicyRule } from '../kube/policy-rule.ts';
import { attemptsOf, type ShownAttempt, shownAttempts } from '../runner/kubernetes/shown-attempts.ts';
import { TASKS, type TaskResource } from './custom-resources.ts';

/** A Task as a person wrote it: what they left out is left out. */
export interface WrittenTask {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Pick<ObjectMeta, 'name' | 'labels' | 'annotations'>;
  readonly spec: unknown;
}

/** Field owner of what a person applies by the command line. */
export const CLI_FIELD_MANAGER = 'pentafold-cli';

/** What a person needs to be allowed to see Tasks and steer them. */
export const TASK_CLIENT_RULES: readonly PolicyRule[] = [
  { apiGroups: ['pentafold.io'], resources: ['tasks'], verbs: ['get', 'list', 'create', 'patch'] },
];

/** What a person needs besides to see attempts and read their logs. */
export const ATTEMPT_LOG_RULES: readonly PolicyRule[] = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
  { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
];

/** Tasks of one namespace as a person sees and steers them: every call asks the API server once or twice. */
export class TaskClient {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** By name. */
  async list(): Promise<readonly TaskResource[]> {
    return (await this.#client.list(TASKS, { namespace: this.#namespace })).items;
  }

  /** `undefined` when there is none. @throws {KubeApiError} 404 when there is no kind Task. */
  async get(name: string): Promise<TaskResource | undefined> {
    const task = await this.#client.get(TASKS, this.#ref(name));
    if (task === undefined) await this.#client.read(`/apis/${TASKS.apiVersion}`);
    return task;
  }

  /** @returns what that changed of what its author says. */
  async apply({ apiVersion, kind, metadata, spec }: WrittenTask): Promise<'created' | 'configured' | 'unchanged'> {
    const { name, labels = {}, annotations = {} } = metadata;
    const before = await this.get(name);
    const written = { name, labels, annotations, namespace: this.#namespace };
    const after = await this.#client.apply(TASKS, { apiVersion, kind, metadata: written, spec });
    if (before?.metadata.uid !== after.metadata.uid) return 'created';
    return isSaidBy(before) === isSaidBy(after) ? 'unchanged' : 'configured';
  }

  async suspend(name: string): Promise<void> {
    await this.#client.merge(TASKS, this.#ref(name), { spec: { suspend: true } });
  }

  async resume(name: string): Promise<void> {
    await this.#client.merge(TASKS, this.#ref(name), { spec: { suspend: false } });
  }

  /** Lets a Task that failed begin again, suspended or not. */
  async retry(name: string, at: Date): Promise<void> {
    const annotations = { [RETRY_ANNOTATION]: at.toISOString() };
    await this.#client.merge(TASKS, this.#ref(name), { metadata: { annotations }, spec: { suspend: false } });
  }

  /** Every attempt at a step of the Task whose Job is kept. */
  async attempts(name: string, now: Date): Promise<ShownAttempt[] | Forbidden> {
    const selection = { namespace: this.#namespace, labelSelector: attemptsOf(name) };
    const jobs = await orForbidden(this.#client.list(JOBS, selection));
    const pods = await orForbidden(this.#client.list(PODS, selection));
    if (jobs === 'forbidden' || pods === 'forbidden') return 'forbidden';
    return shownAttempts(jobs.items, pods.items, now);
  }

  /** What an attempt's pod has written, and with `follow` writes until it ends or the signal aborts. */
  log(pod: string, follow: boolean, signal: AbortSignal): AsyncGenerator<string> {
    return this.#client.log(this.#ref(pod), { follow }, signal);
  }

  #ref = (name: string): ObjectRef => ({ namespace: this.#namespace, name });
}

/** What authors say; a generation rises with the spec. */
const isSaidBy = ({ metadata: { generation = 0, labels = {}, annotations = {} } }: TaskResource): string =>
  canonicalJson({ generation, labels, annotations });
