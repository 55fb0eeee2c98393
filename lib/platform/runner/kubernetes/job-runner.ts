import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { ChangeSignal } from '../../change-signal.ts';
import type { Clock } from '../../clock/clock.ts';
import { isConflict } from '../../kube/kube-api-error.ts';
import type { KubeClient } from '../../kube/kube-client.ts';
import { JOBS, type ObjectRef, PODS, type Stored } from '../../kube/kube-object.ts';
import type { ListAndWatch } from '../../kube/list-and-watch.ts';
import type { Watch } from '../../kube/namespace-watch.ts';
import type { PolicyRule } from '../../kube/policy-rule.ts';
import type { AttemptState, ObservedAttempt, StepAttempt, StepRunner } from '../step-runner.ts';
import { attemptJob, type JobSettings, jobName, LABELS, MANAGED_BY, STEP_ANNOTATION } from './attempt-job.ts';
import { attemptState } from './attempt-state.ts';

type Job = Stored<V1Job>;
type Pod = Stored<V1Pod>;

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

/** The label by which a Job finds its pods. */
const JOB_NAME = 'batch.kubernetes.io/job-name';

/**
 * Runs attempts as Kubernetes Jobs, one each.
 *
 * Knows nothing that the cluster does not know: a new runner takes over what an earlier one started. How a worker is asked
 * to save and end is its controller's answer to it; only what did not begin yet is deleted here.
 */
export class KubernetesJobRunner implements StepRunner {
  readonly #options: JobRunnerOptions;
  readonly #change = new ChangeSignal();
  readonly #jobs: ListAndWatch<Job>;
  readonly #pods: ListAndWatch<Pod>;
  /** Started here, and not in the cache yet: without this the next look would start another attempt. */
  readonly #unseen = new Map<string, ObservedAttempt>();

  constructor(options: JobRunnerOptions) {
    this.#options = options;
    const ours = `${LABELS.managedBy}=${MANAGED_BY}`;
    this.#jobs = options.watch(JOBS, ours, (change) => {
      this.#unseen.delete(('after' in change ? change.after : change.before).metadata.name);
      this.#change.note();
    });
    this.#pods = options.watch(PODS, ours, () => this.#change.note());
  }

  /** Resolves when what earlier runners started is known. Before that `list` would tell of less than there is. */
  async synced(): Promise<void> {
    await Promise.all([this.#jobs.synced, this.#pods.synced]);
  }

  async start(attempt: StepAttempt): Promise<void> {
    const name = jobName(attempt);
    if (this.#unseen.has(name) || this.#jobs.cache.get(this.#ref(name)) !== undefined) return;
    const { step, attempt: number } = attempt;
    try {
      await this.#options.client.create(JOBS, attemptJob(attempt, this.#options.settings));
    } catch (error) {
      // By an earlier runner, of whose Job the cache does not know yet.
      if (!isConflict(error)) throw error;
    }
    this.#unseen.set(name, { step, attempt: number, state: { kind: 'pending', waitsFor: null } });
    this.#change.note();
  }

  async list(): Promise<ObservedAttempt[]> {
    const seen = this.#jobs.cache.all();
    // The answer to a creation may come after the cache has heard of it.
    for (const { metadata } of seen) this.#unseen.delete(metadata.name);
    return [...seen.map((job) => this.#observed(job)), ...this.#unseen.values()];
  }

  /** A worker that runs hears by itself when it asks; whatever is to end `now`, or has not begun, is deleted. */
  async stop(attempt: Pick<StepAttempt, 'step' | 'attempt'>, how: 'checkpoint' | 'now'): Promise<void> {
    const job = this.#jobs.cache.all().find((one) => isOf(one, attempt));
    if (job === undefined || job.metadata.deletionTimestamp !== undefined) return;
    const { kind } = this.#stateOf(job);
    if (kind === 'pending' || (kind === 'running' && how === 'now')) {
      const { name, uid } = job.metadata;
      await this.#options.client.delete(JOBS, this.#ref(name), 'Background', { uid });
    }
  }

  /** Name of the Job that carries an attempt out. */
  jobOf(step: string, attempt: number): string | undefined {
    return this.#jobs.cache.all().find((job) => isOf(job, { step, attempt }))?.metadata.name;
  }

  changed(signal: AbortSignal): Promise<void> {
    return this.#change.changed(signal);
  }

  /** Stops looking; what runs goes on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#jobs[Symbol.asyncDispose]();
    await this.#pods[Symbol.asyncDispose]();
  }

  #observed(job: Job): ObservedAttempt {
    return { ...attemptOf(job), state: this.#stateOf(job) };
  }

  #stateOf(job: Job): AttemptState {
    const pods = this.#pods.cache.withLabel(JOB_NAME, job.metadata.name);
    const newest = pods.toSorted((a, b) => (a.metadata.creationTimestamp < b.metadata.creationTimestamp ? 1 : -1))[0];
    return attemptState(job, newest, this.#options.clock.now());
  }

  #ref = (name: string): ObjectRef => ({ namespace: this.#options.settings.namespace, name });
}

const attemptOf = ({ metadata }: Job): Pick<ObservedAttempt, 'step' | 'attempt'> => ({
  step: metadata.annotations?.[STEP_ANNOTATION] ?? '',
  attempt: Number(metadata.labels?.[LABELS.attempt]),
});

function isOf(job: Job, { step, attempt }: Pick<StepAttempt, 'step' | 'attempt'>): boolean {
  const one = attemptOf(job);
  return one.step === step && one.attempt === attempt;
}
