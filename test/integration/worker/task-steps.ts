// A Task's steps one after another without a controller: identities by `unfold`, attempts by whoever is given.

import type { Plans } from '#core/planning/plans.ts';
import { arraysOf } from '#core/planning/stages.ts';
import { formatPlans, parsePlans } from '#formats/plans-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { findPretrained } from '#prediction/pretrained-weights.ts';
import type { Manifest } from '#steps/manifest.ts';
import { datasetRevision } from '#steps/revision.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { StepStore } from '#steps/step-store.ts';
import { unfold } from '#steps/unfold.ts';
import { aTask } from '#test/a-task.ts';
import { runPlanStep } from '../../../services/controller/plan-step.ts';

/** Carries out one attempt at a step. @returns its exit code. */
export type RunAttempt = (step: string, attempt: number) => Promise<number | null>;

export interface TaskStepsOptions {
  readonly objects: ObjectStore;
  readonly dataset: ObjectStore;
  readonly datasetUri: string;
  /** Of the Task, without its data set. */
  readonly spec: object;
  readonly checkpointIntervalSeconds: number;
}

export class TaskSteps {
  readonly store: StepStore;
  readonly dataset: ObjectStore;
  readonly #options: TaskStepsOptions;
  readonly #manifests = new Map<string, Manifest>();

  constructor(options: TaskStepsOptions) {
    this.store = new StepStore(options.objects);
    this.dataset = options.dataset;
    this.#options = options;
  }

  /** Stores the description of a node whose inputs are done. @returns the step's digest. */
  async describe(key: string): Promise<string> {
    const { spec, datasetUri, checkpointIntervalSeconds } = this.#options;
    const task = aTask(spec);
    const digests = new Map<string, string>();
    for (const [configuration, uri] of Object.entries(task.spec.training.pretrainedWeights))
      digests.set(configuration, (await findPretrained(() => this.dataset, uri, configuration)).digest);
    const known = {
      revision: await datasetRevision(this.dataset),
      manifests: this.#manifests,
      pretrainedWeights: digests,
    };
    const node = unfold(task, known).find((found) => found.key === key);
    if (node?.identity == null) throw new Error(`${key} is no step of the Task whose inputs are done`);
    return this.store.describe({
      identity: node.identity,
      inputSteps: node.inputSteps,
      title: node.title,
      task: { name: 'tiny', uid: 'uid-1' },
      datasetUri,
      checkpointIntervalSeconds,
      pretrainedWeightsUri: node.pretrainedWeightsUri,
    });
  }

  /** Carries a node out by one attempt, which must succeed. */
  async finish(key: string, run: RunAttempt): Promise<StepOutputs> {
    const step = await this.describe(key);
    const exit = key === 'plan' ? await this.#plan(step) : await run(step, 1);
    if (exit !== 0) throw new Error(`${key} ended with ${exit}: ${(await this.store.failure(step, 1))?.message}`);
    const outputs = await this.store.outputs(step);
    this.#manifests.set(key, outputs.manifest);
    return outputs;
  }

  /** The plan step with other plans than the tiny data set leads to. */
  async finishPlanWith(change: (plans: Plans) => Plans): Promise<void> {
    const step = await this.describe('plan');
    if ((await this.#plan(step)) !== 0) throw new Error('the plan step failed');
    const made = await this.store.outputs(step);
    const plans = change(parsePlans(await made.readText('plans.json')));
    const writer = this.store.attempt(step, 2);
    await writer.writeText('plans.json', formatPlans(plans));
    for (const path of ['splits_final.json', 'dataset.json']) await writer.write(path, await made.read(path));
    const configurations = plans.configurations.map((plan) => ({
      name: plan.name,
      arraysOf: arraysOf(plan, plans.configurations),
      previousStage: plan.previousStage,
      trainingBytes: 0,
    }));
    await this.store.withdraw(step);
    await writer.commit({ configurations, caseBytes: 0 });
    this.#manifests.set('plan', (await this.store.outputs(step)).manifest);
  }

  async #plan(step: string): Promise<number> {
    const failure = await runPlanStep(this.store, step, 1);
    return failure === undefined ? 0 : 1;
  }
}
