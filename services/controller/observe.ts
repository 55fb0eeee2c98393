import type { Task } from '#api/v1alpha1/kinds.ts';
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
import { type Known, type StepNode, unfold } from '#steps/unfold.ts';
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

/** What a Task takes in from outside the object store. */
type Outside = Pick<Known, 'revision' | 'pretrainedWeights'> | { readonly fault: StepFailure };

interface RememberedOutside {
  readonly generation: number;
  readonly outside: Outside;
}

/**
 * Looks at Tasks. Remembers only what never changes: manifests with their outputs, and while we run the revision of a data
 * set and the digests of pretrained weights.
 */
export class Observer {
  readonly #sources: Sources;
  readonly #needsTraining: boolean;
  readonly #manifests = new Map<string, Manifest>();
  /** By step: why its manifest did not count at the last look. */
  readonly #damage = new Map<string, string>();
  /** By uid of the Task. */
  readonly #outside = new Map<string, RememberedOutside>();

  /** @param needsTraining whether a training is asked for. */
  constructor(sources: Sources, needsTraining: boolean) {
    this.#sources = sources;
    this.#needsTraining = needsTraining;
  }

  /**
   * @param running what the runner knows, asked **before** this call: an attempt seen as ended then has its manifest
   *   by now.
   */
  async observe(task: Task, running: readonly ObservedAttempt[]): Promise<Observed> {
    const model = (await this.#sources.tasks.getModel(modelName(task))) ?? null;
    const outside = await this.#outsideOf(task);
    const known = { task, needsTraining: this.#needsTraining, model };
    if ('fault' in outside) return { ...known, datasetFault: outside.fault, steps: [] };
    const nodes = await this.#unfolded(task, outside);
    const steps = await Promise.all(nodes.map((node) => this.#step(node, running)));
    return { ...known, datasetFault: null, steps };
  }

  /** Drops what is remembered of a Task; of what another Task needs as well it is read again. */
  forget({ task, steps }: Observed): void {
    this.#outside.delete(task.metadata.uid);
    for (const { digest } of steps) if (digest !== null) this.#manifests.delete(digest);
  }

  /** Taken once per generation: what is added to the folder during a run belongs to the next one. */
  async #outsideOf(task: Task): Promise<Outside> {
    const { uid, generation } = task.metadata;
    const remembered = this.#outside.get(uid);
    if (remembered?.generation === generation) return remembered.outside;
    const outside = await this.#lookOutside(task);
    this.#outside.set(uid, { generation, outside });
    return outside;
  }

  async #lookOutside({ spec }: Task): Promise<Outside> {
    const { datasets } = this.#sources;
    try {
      const pretrainedWeights = new Map<string, string>();
      for (const [configuration, uri] of Object.entries(spec.training.pretrainedWeights))
        pretrainedWeights.set(configuration, (await findPretrained(datasets, uri, configuration)).digest);
      return { revision: await datasetRevision(datasets(spec.dataset.uri)), pretrainedWeights };
    } catch (error) {
      // Anything else is the store's trouble, not the Task's: the loop tries again.
      if (!(error instanceof BadInputError)) throw error;
      return { fault: { code: error.code, message: error.message } };
    }
  }

  /** Each manifest that is found may name further steps, so this repeats until none is. */
  async #unfolded(task: Task, outside: Omit<Known, 'manifests'>): Promise<StepNode[]> {
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
    return { attempt, run, failure: await this.#failure(step, attempt), progress };
  }

  async #failure(step: string, attempt: number): Promise<AttemptSeen['failure']> {
    const failure = await this.#sources.steps.failure(step, attempt);
    const stored = await this.#sources.objects.head(failureKey(step, attempt));
    return failure === undefined || stored === undefined ? null : { ...failure, at: stored.modified };
  }
}
