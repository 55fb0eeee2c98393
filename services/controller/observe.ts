import type { Task, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { BadInputError } from '#core/errors.ts';
import type { Progress } from '#platform/link/controller-link.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { ObservedAttempt } from '#platform/runner/step-runner.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { findPretrained } from '#prediction/pretrained-weights.ts';
import { CorruptObjectError } from '#steps/corrupt-object-error.ts';
import type { Manifest } from '#steps/manifest.ts';
import { modelName } from '#steps/node-plans.ts';
import { datasetRevision } from '#steps/revision.ts';
import { shownOutputs } from '#steps/shown-outputs.ts';
import { type StepKind, stepDigest } from '#steps/step.ts';
import type { StepFailure } from '#steps/step-failure.ts';
import { failureKey } from '#steps/step-keys.ts';
import { StepOutputs } from '#steps/step-outputs.ts';
import type { StepStore } from '#steps/step-store.ts';
import { type StepNode, unfold } from '#steps/unfold.ts';
import { attemptOutcome } from './decide/attempt-outcome.ts';
import type { AttemptSeen, Observed, ObservedStep } from './decide/observed.ts';

/** Where an observation looks. */
export interface Sources {
  readonly tasks: TaskStore;
  readonly objects: ObjectStore;
  readonly steps: StepStore;
  readonly datasets: (uri: string) => ObjectStore;
  /** The last report of a running attempt, if it made one. */
  readonly progressOf: (step: string, attempt: number) => Progress | null;
}

type TakenIn = NonNullable<TaskStatus['takenIn']>;

/** What a Task takes in from outside the object store. */
type Outside = TakenIn | { readonly fault: StepFailure };

interface RememberedOutside {
  /** What it was looked at for: the generation and the retry. */
  readonly occasion: string;
  readonly outside: Outside;
}

export interface ObserverOptions {
  /** Whether a training is asked for. */
  readonly needsTraining: boolean;
  /** Whether our start is itself a retry: what Tasks took in before it does not count. */
  readonly takesInAnew: boolean;
}

/**
 * Looks at Tasks. Remembers only what never changes: manifests with their outputs, and what a Task took in until its status
 * says so.
 */
export class Observer {
  readonly #sources: Sources;
  readonly #options: ObserverOptions;
  readonly #manifests = new Map<string, Manifest>();
  /** By step: why its manifest did not count at the last look. */
  readonly #damage = new Map<string, string>();
  /** By uid of the Task. */
  readonly #outside = new Map<string, RememberedOutside>();

  constructor(sources: Sources, options: ObserverOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  /**
   * @param running what the runner knows, asked **before** this call: an attempt seen as ended then has its manifest
   *   by now.
   */
  async observe(task: Task, running: readonly ObservedAttempt[]): Promise<Observed> {
    const model = (await this.#sources.tasks.getModel(modelName(task))) ?? null;
    const outside = await this.#outsideOf(task);
    const known = { task, needsTraining: this.#options.needsTraining, model };
    if ('fault' in outside) return { ...known, datasetFault: outside.fault, takenIn: null, steps: [] };
    const nodes = await this.#unfolded(task, outside);
    const steps = await Promise.all(nodes.map((node) => this.#step(node, running)));
    return { ...known, datasetFault: null, takenIn: outside, steps };
  }

  /** Drops what is remembered of a Task; of what another Task needs as well it is read again. */
  forget({ task, steps }: Observed): void {
    this.#outside.delete(task.metadata.uid);
    for (const { digest } of steps) if (digest !== null) this.#manifests.delete(digest);
  }

  /** Taken once per generation and retry: what is added to the folder during a run belongs to the next one. */
  async #outsideOf(task: Task): Promise<Outside> {
    const { metadata, status } = task;
    const isKept = !this.#options.takesInAnew && status?.takenIn?.generation === metadata.generation;
    if (isKept) return status.takenIn;
    const occasion = `${metadata.generation} ${status?.lastRetryRequestedAt ?? ''}`;
    const remembered = this.#outside.get(metadata.uid);
    if (remembered?.occasion === occasion) return remembered.outside;
    const outside = await this.#lookOutside(task);
    this.#outside.set(metadata.uid, { occasion, outside });
    return outside;
  }

  async #lookOutside({ metadata: { generation }, spec }: Task): Promise<Outside> {
    const { datasets } = this.#sources;
    try {
      const pretrainedWeights: Record<string, string> = {};
      for (const [configuration, uri] of Object.entries(spec.training.pretrainedWeights))
        pretrainedWeights[configuration] = (await findPretrained(datasets, uri, configuration)).digest;
      return { generation, revision: await datasetRevision(datasets(spec.dataset.uri)), pretrainedWeights };
    } catch (error) {
      // Anything else is the store's trouble, not the Task's: the loop tries again.
      if (!(error instanceof BadInputError)) throw error;
      return { fault: { code: error.code, message: error.message } };
    }
  }

  /** Each manifest that is found may name further steps, so this repeats until none is. */
  async #unfolded(task: Task, { revision, pretrainedWeights }: TakenIn): Promise<StepNode[]> {
    const outside = { revision, pretrainedWeights: new Map(Object.entries(pretrainedWeights)) };
    const manifests = new Map<string, Manifest>();
    for (;;) {
      const nodes = unfold(task, { ...outside, manifests });
      const before = manifests.size;
      for (const { key, kind, identity } of nodes) {
        if (identity === null || manifests.has(key)) continue;
        const manifest = await this.#manifest(stepDigest(identity), kind);
        if (manifest !== undefined) manifests.set(key, manifest);
      }
      if (manifests.size === before) return nodes;
    }
  }

  /** The first look at a manifest verifies what the step has to show: what is damaged is not done. */
  async #manifest(step: string, kind: StepKind): Promise<Manifest | undefined> {
    const known = this.#manifests.get(step);
    if (known !== undefined) return known;
    this.#damage.delete(step);
    try {
      const manifest = await this.#verifiedManifest(step, kind);
      if (manifest !== undefined) this.#manifests.set(step, manifest);
      return manifest;
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
      this.#damage.set(step, error.message);
      return undefined;
    }
  }

  async #verifiedManifest(step: string, kind: StepKind): Promise<Manifest | undefined> {
    const { steps, objects } = this.#sources;
    const manifest = await steps.manifest(step);
    if (manifest === undefined) return undefined;
    const outputs = new StepOutputs(objects, manifest);
    for (const path of shownOutputs(kind, outputs)) await outputs.read(path);
    return manifest;
  }

  async #step(node: StepNode, running: readonly ObservedAttempt[]): Promise<ObservedStep> {
    if (node.identity === null)
      return { node, digest: null, manifest: null, damage: null, hasCheckpoint: false, attempts: [] };
    const digest = stepDigest(node.identity);
    const manifest = this.#manifests.get(digest) ?? null;
    if (manifest !== null) return { node, digest, manifest, damage: null, hasCheckpoint: false, attempts: [] };
    const damage = this.#damage.get(digest) ?? null;
    const mine = running.filter(({ step }) => step === digest);
    const numbers = new Set([...(await this.#sources.steps.attempts(digest)), ...mine.map(({ attempt }) => attempt)]);
    const ascending = [...numbers].sort((a, b) => a - b);
    const attempts = await Promise.all(ascending.map((attempt) => this.#attempt(digest, attempt, mine)));
    const hasCheckpoint = await this.#sources.steps.hasCheckpoint(digest);
    return { node, digest, manifest: null, damage, hasCheckpoint, attempts };
  }

  async #attempt(step: string, attempt: number, mine: readonly ObservedAttempt[]): Promise<AttemptSeen> {
    const run = mine.find((seen) => seen.attempt === attempt)?.state ?? { kind: 'forgotten' };
    const progress = this.#sources.progressOf(step, attempt);
    const failure = await this.#failure(step, attempt);
    const isLost = attemptOutcome({ attempt, run, failure, begun: null, progress }) === 'lost';
    const begun = isLost ? ((await this.#sources.steps.begunAt(step, attempt)) ?? null) : null;
    return { attempt, run, failure, begun, progress };
  }

  async #failure(step: string, attempt: number): Promise<AttemptSeen['failure']> {
    const failure = await this.#sources.steps.failure(step, attempt);
    const stored = await this.#sources.objects.head(failureKey(step, attempt));
    return failure === undefined || stored === undefined ? null : { ...failure, at: stored.modified };
  }
}
