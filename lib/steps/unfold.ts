// The graph of a Task: which steps there are, what each needs, and, as soon as its inputs are known, its identity.

import type { Task } from '#api/v1alpha1/kinds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import {
  ensembleWeight,
  INGEST_WEIGHT,
  PLAN_WEIGHT,
  PUBLISH_WEIGHT,
  preprocessWeight,
  trainWeight,
} from './forecast.ts';
import { contentDigest, type Manifest } from './manifest.ts';
import type {
  EnsembleOptions,
  IngestOptions,
  PlanOptions,
  PreprocessOptions,
  PublishOptions,
  TrainOptions,
} from './options.ts';
import { ingestResultSchema, planResultSchema } from './results.ts';
import { ALGORITHM_VERSIONS, type Json, type StepIdentity, type StepKind } from './step.ts';
import { preprocessKey, trainingKey } from './step-names.ts';

/** A step of a Task. */
export interface StepNode {
  /** `ingest`, `plan`, `preprocess/<configuration>`, `train/<configuration>/<fold>`, `ensemble` or `publish`. */
  readonly key: string;
  readonly kind: StepKind;
  /** Which configuration it preprocesses or trains; `null` for steps of the whole Task. */
  readonly configuration: string | null;
  /** Which fold it trains, from 0; `null` for other kinds. */
  readonly fold: number | null;
  /** Keys of the nodes whose outputs it reads. */
  readonly needs: readonly string[];
  /** For people: `train 3d_fullres fold 2`. */
  readonly title: string;
  /** Which program carries it out. */
  readonly program: 'controller' | 'worker' | 'ensemble';
  /** Forecast of the work, in training iterations; see `forecast.ts`. */
  readonly weight: number;
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
}

/**
 * The steps of a Task, in an order in which each comes after those it needs.
 *
 * Before the plan is made only `ingest` and `plan` are there: which configurations follow is the plan's to say.
 *
 * @throws {z.ZodError} when a manifest in `known` holds no result of its kind.
 */
export function unfold(task: Pick<Task, 'spec' | 'metadata'>, known: Known): StepNode[] {
  const node = nodeMaker(known);
  const nodes = [node(ingest(task, known)), node(plan(task))];
  const planned = known.manifests.get('plan');
  const ingested = known.manifests.get('ingest');
  if (planned === undefined || ingested === undefined) return nodes;

  const { configurations, folds } = planResultSchema.parse(planned.result);
  const { trainingCases } = ingestResultSchema.parse(ingested.result);
  for (const configuration of configurations) nodes.push(node(preprocess(configuration, trainingCases)));
  for (const configuration of configurations) {
    for (let fold = 0; fold < folds; fold++) nodes.push(node(train(task, configuration, fold, trainingCases / folds)));
  }
  nodes.push(node(ensemble(task, configurations, folds, trainingCases)));
  nodes.push(node(publish(task, configurations, folds)));
  return nodes;
}

/** The name that a Task publishes its Model under. */
export const modelName = ({ spec, metadata }: Pick<Task, 'spec' | 'metadata'>): string =>
  spec.publish?.model ?? metadata.name;

/** A node as its kind defines it, before what is known of its inputs. */
interface NodePlan {
  readonly key: string;
  readonly kind: StepKind;
  readonly configuration: string | null;
  readonly fold: number | null;
  readonly needs: readonly string[];
  readonly title: string;
  readonly program: StepNode['program'];
  readonly weight: number;
  readonly options: Json;
  readonly numerics: StepIdentity['numerics'];
}

function ingest(task: Pick<Task, 'spec'>, known: Known): NodePlan {
  const options: IngestOptions = { selection: task.spec.dataset.selection ?? null, revision: known.revision };
  return {
    key: 'ingest',
    kind: 'ingest',
    configuration: null,
    fold: null,
    needs: [],
    title: 'ingest',
    program: 'worker',
    weight: INGEST_WEIGHT,
    options: asJson(options),
    numerics: null,
  };
}

function plan(task: Pick<Task, 'spec'>): NodePlan {
  const { planner, configurations, folds } = task.spec;
  // As a set: the plans have their own order.
  const wanted = configurations === undefined ? null : [...new Set(configurations)].sort();
  const options: PlanOptions = { planner, configurations: wanted, folds };
  return {
    key: 'plan',
    kind: 'plan',
    configuration: null,
    fold: null,
    needs: ['ingest'],
    title: 'plan',
    program: 'controller',
    weight: PLAN_WEIGHT,
    options: asJson(options),
    numerics: null,
  };
}

function preprocess(configuration: string, cases: number): NodePlan {
  const options: PreprocessOptions = { configuration };
  return {
    key: preprocessKey(configuration),
    kind: 'preprocess',
    configuration,
    fold: null,
    needs: ['ingest', 'plan'],
    title: `preprocess ${configuration}`,
    program: 'worker',
    weight: preprocessWeight(cases),
    options: asJson(options),
    numerics: null,
  };
}

function train(task: Pick<Task, 'spec'>, configuration: string, fold: number, validationCases: number): NodePlan {
  const { training, inference, workers } = task.spec;
  const options: TrainOptions = {
    configuration,
    fold,
    epochs: training.epochs,
    iterationsPerEpoch: training.iterationsPerEpoch,
    validationIterationsPerEpoch: training.validationIterationsPerEpoch,
    seed: training.seed,
    optimizer: training.optimizer,
    initialLearningRate: training.initialLearningRate,
    oversampleForeground: training.oversampleForeground,
    stepFraction: inference.stepFraction,
    mirroring: inference.mirroring,
  };
  return {
    key: trainingKey(configuration, fold),
    kind: 'train',
    configuration,
    fold,
    // Also the raw cases of `ingest`: validation is scored on their grids.
    needs: ['ingest', 'plan', preprocessKey(configuration)],
    title: `train ${configuration} fold ${fold}`,
    program: 'worker',
    weight: trainWeight(training, validationCases),
    options: asJson(options),
    numerics: { engine: training.engine, dtype: 'float32', threads: workers.threads },
  };
}

function ensemble(task: Pick<Task, 'spec'>, configurations: readonly string[], folds: number, cases: number): NodePlan {
  const voting = (['soft', 'hard'] as const).filter((one) => task.spec.ensembling.voting.includes(one));
  const options: EnsembleOptions = { configurations, folds, voting };
  return {
    key: 'ensemble',
    kind: 'ensemble',
    configuration: null,
    fold: null,
    needs: ['ingest', 'plan', ...trainKeys(configurations, folds)],
    title: 'ensemble',
    program: 'ensemble',
    weight: ensembleWeight(configurations.length, voting.length, cases),
    options: asJson(options),
    numerics: null,
  };
}

function publish(task: Pick<Task, 'spec' | 'metadata'>, configurations: readonly string[], folds: number): NodePlan {
  const options: PublishOptions = {
    model: modelName(task),
    stepFraction: task.spec.inference.stepFraction,
    mirroring: task.spec.inference.mirroring,
  };
  return {
    key: 'publish',
    kind: 'publish',
    configuration: null,
    fold: null,
    needs: ['plan', ...trainKeys(configurations, folds), 'ensemble'],
    title: 'publish',
    program: 'ensemble',
    weight: PUBLISH_WEIGHT,
    options: asJson(options),
    numerics: null,
  };
}

const trainKeys = (configurations: readonly string[], folds: number): string[] =>
  configurations.flatMap((configuration) =>
    Array.from({ length: folds }, (_, fold) => trainingKey(configuration, fold)),
  );

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

/** Options as plain JSON: what was left out of the Task stays out of the digest. */
const asJson = (options: object): Json => JSON.parse(canonicalJson(options));
