// The graph of a Task: which steps there are, what each needs, and, as soon as its inputs are known, its identity.

import type { Task } from '#api/v1alpha1/kinds.ts';
import { foldNames } from '#core/training/folds.ts';
import { contentDigest, type Manifest } from './manifest.ts';
import {
  ensembleNode,
  ingestNode,
  type NodePlan,
  planNode,
  preprocessNode,
  publishNode,
  trainNodes,
} from './node-plans.ts';
import { ingestResultSchema, type PlannedConfiguration, planResultSchema } from './results.ts';
import { ALGORITHM_VERSIONS, type StepIdentity } from './step.ts';

/** A step of a Task. */
export interface StepNode extends Omit<NodePlan, 'options' | 'numerics'> {
  /** `null` until every node in `needs` has a manifest. */
  readonly identity: StepIdentity | null;
  /** By key in `needs`: the step whose outputs it is. Empty while `identity` is `null`. */
  readonly inputSteps: Readonly<Record<string, string>>;
}

/** What is known of a Task's data and of the steps that are done. */
export interface Known {
  /** See `revision.ts`. */
  readonly revision: string;
  /** By node key, of the node's present identity. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** By configuration: SHA-256 of the weights that its trainings start from, where the Task names any. */
  readonly pretrainedWeights: ReadonlyMap<string, string>;
}

/**
 * The steps of a Task, in an order in which each comes after those it needs.
 *
 * Before the plan is made only `ingest` and `plan` are there: which configurations follow is the plan's to say. The same
 * when the Task asks for one that is not planned.
 *
 * @throws {z.ZodError} when a manifest in `known` holds no result of its kind.
 */
export function unfold(task: Pick<Task, 'spec' | 'metadata'>, known: Known): StepNode[] {
  const node = nodeMaker(known);
  const nodes = [node(ingestNode(task, known.revision)), node(planNode(task))];
  const planned = known.manifests.get('plan');
  const ingested = known.manifests.get('ingest');
  if (planned === undefined || ingested === undefined) return nodes;

  const choice = chosenConfigurations(task.spec.configurations, planResultSchema.parse(planned.result).configurations);
  if (choice.missing.length > 0) return nodes;
  const names = choice.chosen.map(({ name }) => name);
  const { trainingCases } = ingestResultSchema.parse(ingested.result);
  const folds = foldNames(task.spec.folds);
  for (const arrays of new Set(choice.chosen.map(({ arraysOf }) => arraysOf)))
    nodes.push(node(preprocessNode(arrays, trainingCases)));
  for (const configuration of choice.chosen)
    for (const fold of folds) {
      const pretrainedWeights = known.pretrainedWeights.get(configuration.name) ?? null;
      const parts = { configuration, fold, validationCases: trainingCases / folds.length, pretrainedWeights };
      nodes.push(...trainNodes(task, parts).map(node));
    }
  nodes.push(node(ensembleNode(task, names, trainingCases)));
  nodes.push(node(publishNode(task, names)));
  return nodes;
}

export interface ConfigurationChoice {
  /** A stage before those that build on it. */
  readonly chosen: readonly PlannedConfiguration[];
  /** Asked for, but not planned. */
  readonly missing: readonly string[];
}

/** The configurations that a Task trains: those it asks for and their previous stages; all when it leaves the choice. */
export function chosenConfigurations(
  wanted: readonly string[] | undefined,
  planned: readonly PlannedConfiguration[],
): ConfigurationChoice {
  const asked = new Set(wanted ?? planned.map(({ name }) => name));
  const missing = [...asked].filter((name) => !planned.some((plan) => plan.name === name));
  const isNeeded = ({ name }: PlannedConfiguration) =>
    asked.has(name) || planned.some((plan) => plan.previousStage === name && asked.has(plan.name));
  return { chosen: planned.filter(isNeeded), missing };
}

/** Adds the identity, once the manifest of every input is there. */
function nodeMaker(known: Known): (plan: NodePlan) => StepNode {
  return ({ options, numerics, ...plan }) => {
    const inputs: Record<string, string> = {};
    const inputSteps: Record<string, string> = {};
    for (const key of plan.needs) {
      const manifest = known.manifests.get(key);
      if (manifest === undefined) return { ...plan, identity: null, inputSteps: {} };
      inputs[key] = contentDigest(manifest);
      inputSteps[key] = manifest.step;
    }
    const { kind } = plan;
    const identity = { kind, algorithmVersion: ALGORITHM_VERSIONS[kind], inputs, options, numerics };
    return { ...plan, identity, inputSteps };
  };
}
