// A controller's reconciler among things in memory: a test says how attempts go, and looks at what was asked and written.

import type { Task } from '#api/v1alpha1/kinds.ts';
import type { Manifest } from '#steps/manifest.ts';
import { datasetRevision } from '#steps/revision.ts';
import { SHOWN_OUTPUTS } from '#steps/shown-outputs.ts';
import { stepDigest } from '#steps/step.ts';
import { StepStore } from '#steps/step-store.ts';
import { type StepNode, unfold } from '#steps/unfold.ts';
import { Actor } from '../../services/controller/act.ts';
import { loadConfig } from '../../services/controller/config.ts';
import { Observer } from '../../services/controller/observe.ts';
import { Reconciler } from '../../services/controller/reconciler.ts';
import { CountingObjectStore } from './counting-object-store.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryObjectStore } from './memory-object-store.ts';
import { MemoryStepRunner } from './memory-step-runner.ts';
import { MemoryTaskStore } from './memory-task-store.ts';
import { aManifest, aTask } from './observed-task.ts';
import { RecordingLogger } from './recording-logger.ts';

export class ControllerWorld {
  readonly clock = new ManualClock();
  readonly log = new RecordingLogger();
  readonly tasks = new MemoryTaskStore();
  readonly objects = new CountingObjectStore(() => this.clock.now());
  readonly dataset = new MemoryObjectStore(() => this.clock.now());
  readonly runner = new MemoryStepRunner();
  readonly steps = new StepStore(this.objects);

  /** A controller that knows nothing yet, as after a restart. */
  aReconciler(env: Record<string, string> = {}): Reconciler {
    const { clock, log, tasks, objects, steps, runner } = this;
    const config = loadConfig(env);
    const actor = new Actor({ steps, tasks, runner, log });
    const sources = { tasks, objects, steps, datasets: () => this.dataset, progressOf: () => null };
    const observer = new Observer(sources, { needsTraining: true, takesInAnew: config.retryFailed });
    return new Reconciler({ config, tasks, runner, observer, actor, clock, log });
  }

  /** Stores a Task of one configuration and two folds. */
  apply(name = 'liver', spec: object = {}): Promise<Task> {
    const { apiVersion, kind, spec: whole } = aTask({ spec });
    return this.tasks.apply({ apiVersion, kind, metadata: { name }, spec: whole });
  }

  /** Makes the steps of these keys done, inputs first. @returns the digests of all steps that have a name then, by key. */
  async finish(name: string, keys: readonly string[]): Promise<ReadonlyMap<string, string>> {
    for (;;) {
      const nodes = await this.#nodes(name);
      const done = await this.#manifests(nodes);
      const next = nodes.find(({ key, identity }) => identity !== null && keys.includes(key) && !done.has(key));
      if (next === undefined) return digests(nodes);
      const { step, result } = aManifest(next);
      const writer = this.steps.attempt(step, 1);
      await this.steps.begin(step, 1);
      if (next.kind !== 'publish') for (const path of SHOWN_OUTPUTS[next.kind]) await writer.writeText(path, path);
      await writer.commit(result);
    }
  }

  async #nodes(name: string): Promise<StepNode[]> {
    const task = await this.tasks.get(name);
    if (task === undefined) throw new RangeError(`there is no Task ${name}`);
    const revision = await datasetRevision(this.dataset);
    const pretrainedWeights = new Map<string, string>();
    for (let nodes: StepNode[] = []; ; ) {
      const before = nodes.length;
      nodes = unfold(task, { revision, pretrainedWeights, manifests: await this.#manifests(nodes) });
      const named = nodes.filter(({ identity }) => identity !== null).length;
      const again = unfold(task, { revision, pretrainedWeights, manifests: await this.#manifests(nodes) });
      if (nodes.length === before && again.filter(({ identity }) => identity !== null).length === named) return nodes;
    }
  }

  async #manifests(nodes: readonly StepNode[]): Promise<Map<string, Manifest>> {
    const manifests = new Map<string, Manifest>();
    for (const { key, identity } of nodes) {
      const manifest = identity === null ? undefined : await this.steps.manifest(stepDigest(identity));
      if (manifest !== undefined) manifests.set(key, manifest);
    }
    return manifests;
  }
}

const digests = (nodes: readonly StepNode[]): Map<string, string> =>
  new Map(nodes.flatMap(({ key, identity }) => (identity === null ? [] : [[key, stepDigest(identity)]])));
