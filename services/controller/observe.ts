import type { Task, TaskStatus } from '#api/v1alpha1/kinds.ts';
import { BadInputError } from '#core/errors.ts';
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
import { StepOutputs } from '#steps/step-outputs.ts';
import { type StepNode, unfold } from '#steps/unfold.ts';
import type { Observed, ObservedStep } from './decide/observed.ts';
import { measuredSpeeds, type Speeds } from './decide/work-speed.ts';
import { type AttemptSources, StepAttempts } from './step-attempts.ts';

/** Where an observation looks. */
export interface Sources extends AttemptSources {
  readonly tasks: TaskStore;
  readonly datasets: (uri: string) => ObjectStore;
  /** What the runner knows of a step. */
  readonly running: (step: string) => Promise<readonly ObservedAttempt[]>;
}

/** By step that is not done: what the runner knew of it before its manifest was looked for. */
type Running = Map<string, readonly ObservedAttempt[]>;

const NO_SPEEDS: Speeds = new Map();

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
  /** By step that was seen to be done, until it is tidied up: its attempts that did not make it so. */
  readonly #leftBehind = new Map<string, readonly number[]>();
  readonly #attempts: StepAttempts;
  /** By uid of the Task: how fast its attempts were, those that ended too. */
  readonly #speeds = new Map<string, Speeds>();
  /** By uid of the Task. */
  readonly #outside = new Map<string, RememberedOutside>();

  constructor(sources: Sources, options: ObserverOptions) {
    this.#sources = sources;
    this.#options = options;
    this.#attempts = new StepAttempts(sources);
  }

  async observe(task: Task): Promise<Observed> {
    const model = (await this.#sources.tasks.getModel(modelName(task))) ?? null;
    const outside = await this.#outsideOf(task);
    const known = { task, needsTraining: this.#options.needsTraining, model };
    if ('fault' in outside)
      return { ...known, datasetFault: outside.fault, takenIn: null, steps: [], speeds: NO_SPEEDS };
    const running: Running = new Map();
    const nodes = await this.#unfolded(task, outside, running);
    const steps = await Promise.all(nodes.map((node) => this.#step(node, running)));
    const speeds = measuredSpeeds(this.#speeds.get(task.metadata.uid) ?? NO_SPEEDS, steps);
    this.#speeds.set(task.metadata.uid, speeds);
    return { ...known, datasetFault: null, takenIn: outside, steps, speeds };
  }

  /** Drops what is remembered of a Task; of what another Task needs as well it is read again. */
  forget({ task, steps }: Observed): void {
    this.#outside.delete(task.metadata.uid);
    this.#speeds.delete(task.metadata.uid);
    for (const { digest } of steps) {
      if (digest === null) continue;
      this.#manifests.delete(digest);
      this.#leftBehind.delete(digest);
      this.#attempts.forget(digest);
    }
  }

  /** Has the attempts at a step read again: something was written about them. */
  lookAgainAt(step: string): void {
    this.#attempts.lookAgain(step);
  }

  /** Of a step nothing is left behind any more. */
  tidied(step: string): void {
    this.#leftBehind.delete(step);
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

  /** Each manifest that is found may name further steps, so this repeats until none is; each is looked for once. */
  async #unfolded(task: Task, { revision, pretrainedWeights }: TakenIn, running: Running): Promise<StepNode[]> {
    const outside = { revision, pretrainedWeights: new Map(Object.entries(pretrainedWeights)) };
    const manifests = new Map<string, Manifest>();
    for (;;) {
      const nodes = unfold(task, { ...outside, manifests });
      const before = manifests.size;
      await Promise.all(
        nodes.map(async ({ key, kind, identity }) => {
          if (identity === null || manifests.has(key)) return;
          const manifest = await this.#manifest(stepDigest(identity), kind, running);
          if (manifest !== undefined) manifests.set(key, manifest);
        }),
      );
      if (manifests.size === before) return nodes;
    }
  }

  /** The first look at a manifest verifies what the step has to show: what is damaged is not done. */
  async #manifest(step: string, kind: StepKind, running: Running): Promise<Manifest | undefined> {
    const known = this.#manifests.get(step);
    if (known !== undefined || running.has(step)) return known;
    // Asked first: an attempt that is seen as ended then has its manifest by the time that is looked for.
    running.set(step, await this.#sources.running(step));
    this.#damage.delete(step);
    try {
      const manifest = await this.#verifiedManifest(step, kind);
      if (manifest === undefined) return undefined;
      this.#manifests.set(step, manifest);
      this.#leftBehind.set(step, leftBehind(manifest, running.get(step) ?? []));
      this.#attempts.forget(step);
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

  async #step(node: StepNode, running: Running): Promise<ObservedStep> {
    const isDone = { damage: null, leftBehind: [], hasCheckpoint: false, attempts: [] };
    if (node.identity === null) return { node, digest: null, manifest: null, ...isDone };
    const digest = stepDigest(node.identity);
    const manifest = this.#manifests.get(digest) ?? null;
    if (manifest !== null) {
      return { node, digest, manifest, ...isDone, leftBehind: this.#leftBehind.get(digest) ?? [] };
    }
    const damage = this.#damage.get(digest) ?? null;
    const attempts = await this.#attempts.at(digest, running.get(digest) ?? []);
    const hasCheckpoint = await this.#attempts.hasCheckpoint(digest, attempts);
    return { node, digest, manifest: null, damage, leftBehind: [], hasCheckpoint, attempts };
  }
}

/** Of a step for which nothing ran lately all was tidied up when it was done. */
function leftBehind({ attempt: winner }: Manifest, running: readonly ObservedAttempt[]): number[] {
  if (running.length === 0) return [];
  const last = Math.max(winner, ...running.map(({ attempt }) => attempt));
  return Array.from({ length: last }, (_, i) => i + 1).filter((attempt) => attempt !== winner);
}
