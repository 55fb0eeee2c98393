import { ChangeSignal } from '../../change-signal.ts';
import type { Clock } from '../../clock/clock.ts';
import { enter, type KeyIndex, leave } from '../../kube/key-index.ts';
import { isConflict } from '../../kube/kube-api-error.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { JOBS, type ObjectRef } from '../../kube/kube-object.ts';
import type { ListAndWatch } from '../../kube/list-and-watch.ts';
import type { Watch } from '../../kube/namespace-watch.ts';
import type { Change } from '../../kube/object-cache.ts';
import type { PolicyRule } from '../../kube/policy-rule.ts';
import { isLive } from '../is-live.ts';
import type { AttemptState, ObservedAttempt, StepAttempt, StepRunner } from '../step-runner.ts';
import { attemptJob, type JobSettings, jobName, LABELS, MANAGED_BY, STEP_ANNOTATION } from './attempt-job.ts';
import { attemptState } from './attempt-state.ts';
import { newest } from './by-age.ts';
import { JOB_NAME, SEEN_JOBS, SEEN_PODS, type SeenJob, type SeenPod, seenJob, seenPod } from './seen-objects.ts';

export interface JobRunnerOptions {
  /** Fenced: one that leads no longer starts and stops nothing. */
  readonly client: Pick<KubeClient, 'create' | 'delete'>;
  readonly watch: Watch;
  readonly settings: JobSettings;
  readonly clock: Clock;
}

/** What the runner may do in its namespace. */
export const JOB_RUNNER_RULES: readonly PolicyRule[] = [
  { apiGroups: ['batch'], resources: ['jobs'], verbs: ['list', 'watch', 'create', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
];

/**
 * Runs attempts as Kubernetes Jobs, one each.
 *
 * Knows nothing that the cluster does not know: a new runner takes over what an earlier one started. How a worker is asked
 * to save and end is its controller's answer to it; only what did not begin yet is deleted here.
 */
export class KubernetesJobRunner implements StepRunner {
  readonly #options: JobRunnerOptions;
  readonly #change = new ChangeSignal();
  readonly #jobs: ListAndWatch<SeenJob>;
  readonly #pods: ListAndWatch<SeenPod>;
  /** Started here, and not in the cache yet: without this the next look would start another attempt. */
  readonly #unseen = new Map<string, ObservedAttempt>();
  /** By name of its Job: every attempt as it was when its Job or a pod last changed. */
  readonly #observed = new Map<string, ObservedAttempt>();
  /** By step: names of Jobs. */
  readonly #jobsOf: KeyIndex = new Map();
  /** By step: names of the pods that did not end yet. The Job of one that saves may be gone already. */
  readonly #livePodsOf: KeyIndex = new Map();
  /** Names of the Jobs that are to be looked at again. */
  #stale = new Set<string>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const ours = `${LABELS.managedBy}=${MANAGED_BY}`;
    this.#jobs = options.watch(SEEN_JOBS, ours, (change) => this.#jobChanged(subjectOf(change)), seenJob);
    this.#pods = options.watch(SEEN_PODS, ours, (change) => this.#podChanged(change), seenPod);
  }

  /** Resolves when what earlier runners started is known. Before that `list` would tell of less than there is. */
  async synced(): Promise<void> {
    await Promise.all([this.#jobs.synced, this.#pods.synced]);
  }

  async start(attempt: StepAttempt): Promise<void> {
    const name = jobName(attempt);
    const { step, attempt: number } = attempt;
    // Also when another Task asked for it, whose Job has another name: both would write to the same place.
    if ((await this.listOf(step)).some((one) => one.attempt === number)) return;
    try {
      await this.#options.client.create(JOBS, attemptJob(attempt, this.#options.settings));
    } catch (error) {
      // By an earlier runner, of whose Job the cache does not know yet.
      if (!isConflict(error)) throw error;
    }
    // The cache may have heard of the creation before we had its answer.
    if (this.#jobs.cache.get(this.#ref(name)) === undefined) {
      this.#unseen.set(name, { step, attempt: number, state: { kind: 'pending', waitsFor: null } });
    }
    this.#change.note();
  }

  async list(): Promise<ObservedAttempt[]> {
    this.#lookAgain();
    return [...this.#observed.values(), ...this.#unseen.values()];
  }

  async listOf(step: string): Promise<ObservedAttempt[]> {
    this.#lookAgain();
    const seen = [...(this.#jobsOf.get(step) ?? [])].flatMap((name) => this.#observed.get(name) ?? []);
    return [...seen, ...[...this.#unseen.values()].filter((attempt) => attempt.step === step)];
  }

  async mayStillWrite(step: string): Promise<boolean> {
    return this.#livePodsOf.has(step) || (await this.listOf(step)).some(({ state }) => isLive(state));
  }

  /** A worker that runs hears by itself when it asks; whatever is to end `now`, or has not begun, is deleted. */
  async stop(attempt: Pick<StepAttempt, 'step' | 'attempt'>, how: 'checkpoint' | 'now'): Promise<void> {
    const job = this.#jobAt(attempt);
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const { kind } = this.#stateOf(job);
    if (kind === 'pending' || (kind === 'running' && how === 'now')) {
      const { name, uid } = job.metadata;
      await this.#options.client.delete(JOBS, this.#ref(name), 'Background', { uid });
    }
  }

  /** Name of the Job that carries an attempt out. */
  jobOf(step: string, attempt: number): string | undefined {
    this.#lookAgain();
    return this.#jobAt({ step, attempt })?.metadata.name;
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  /** Stops looking; what runs goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#jobs[Symbol.asyncDispose]();
    await this.#pods[Symbol.asyncDispose]();
  }

  #jobChanged({ metadata: { name } }: SeenJob): void {
    this.#unseen.delete(name);
    this.#stale.add(name);
    this.#change.note();
  }

  #podChanged(change: Change<SeenPod>): void {
    const pod = subjectOf(change);
    const note = change.type === 'removed' || hasEnded(pod) ? leave : enter;
    note(this.#livePodsOf, stepOf(pod), pod.metadata.name);
    const job = pod.metadata.labels?.[JOB_NAME];
    if (job === undefined) return;
    this.#stale.add(job);
    this.#change.note();
  }

  #jobAt({ step, attempt }: Pick<StepAttempt, 'step' | 'attempt'>): SeenJob | undefined {
    const jobs = [...(this.#jobsOf.get(step) ?? [])].map((name) => this.#jobs.cache.get(this.#ref(name)));
    return jobs.find((job) => job !== undefined && attemptOf(job)?.attempt === attempt);
  }

  /** Looks at the Jobs that changed, or whose state is a matter of time. */
  #lookAgain(): void {
    const stale = this.#stale;
    this.#stale = new Set();
    for (const name of stale) {
      const job = this.#jobs.cache.get(this.#ref(name));
      if (job === undefined) this.#forget(name);
      else this.#look(name, job);
    }
  }

  #look(name: string, job: SeenJob): void {
    const attempt = attemptOf(job);
    if (attempt === undefined) return;
    const observed = { ...attempt, state: this.#stateOf(job) };
    this.#observed.set(name, observed);
    enter(this.#jobsOf, observed.step, name);
    const isGoing = this.#newestPod(job)?.metadata.deletionTimestamp !== undefined;
    if (isGoing && isLive(observed.state)) this.#stale.add(name);
  }

  #forget(name: string): void {
    const step = this.#observed.get(name)?.step;
    this.#observed.delete(name);
    if (step !== undefined) leave(this.#jobsOf, step, name);
  }

  #stateOf(job: SeenJob): AttemptState {
    return attemptState(job, this.#newestPod(job), this.#options.clock.now());
  }

  #newestPod(job: SeenJob): SeenPod | undefined {
    return newest(this.#pods.cache.withLabel(JOB_NAME, job.metadata.name));
  }

  #ref = (name: string): ObjectRef => ({ namespace: this.#options.settings.namespace, name });
}

const subjectOf = <T>(change: Change<T>): T => ('after' in change ? change.after : change.before);

const stepOf = ({ metadata }: SeenJob | SeenPod): string => metadata.annotations?.[STEP_ANNOTATION] ?? '';

/** `undefined` for a Job that carries our label and was not made by us. */
function attemptOf(job: SeenJob): Pick<ObservedAttempt, 'step' | 'attempt'> | undefined {
  const step = stepOf(job);
  const attempt = Number(job.metadata.labels?.[LABELS.attempt]);
  return /^[0-9a-f]{64}$/.test(step) && Number.isSafeInteger(attempt) && attempt >= 1 ? { step, attempt } : undefined;
}

const hasEnded = ({ status }: SeenPod): boolean => status?.phase === 'Succeeded' || status?.phase === 'Failed';
