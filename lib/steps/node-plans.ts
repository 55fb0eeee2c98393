// What each kind of step is, before it is known what its inputs hold: its key, what it needs, the options that decide
// its result.

import type { Task, TaskSpec } from '#api/v1alpha1/kinds.ts';
import { augmentationSettings } from '#core/augmentation/settings.ts';
import { type FoldCount, type FoldName, foldNames } from '#core/training/folds.ts';
import { canonicalJson } from '#formats/canonical-json.ts';
import {
  ensembleWeight,
  INGEST_WEIGHT,
  PLAN_WEIGHT,
  PUBLISH_WEIGHT,
  preprocessWeight,
  trainWeight,
} from './forecast.ts';
import type {
  EnsembleOptions,
  IngestOptions,
  PlanOptions,
  PreprocessOptions,
  PublishOptions,
  TrainOptions,
} from './options.ts';
import type { PlannedConfiguration } from './results.ts';
import type { Json, StepIdentity, StepKind } from './step.ts';
import { earlierTrainingKey, preprocessKey, trainingKey } from './step-names.ts';

type Spec = Pick<Task, 'spec'>;

/** A step as its kind defines it. */
export interface NodePlan {
  /**
   * `ingest`, `plan`, `preprocess/<configuration>`, `train/<configuration>/<fold>`, `ensemble` or `publish`; of a training
   * by an earlier schedule `train/<configuration>/<fold>/until/<epochs>`.
   */
  readonly key: string;
  readonly kind: StepKind;
  /** Which configuration it preprocesses or trains; `null` for steps of the whole Task, and for earlier schedules. */
  readonly configuration: string | null;
  /** Which fold it trains; `null` for other kinds, and for earlier schedules. */
  readonly fold: FoldName | null;
  /** Keys of the nodes whose outputs it reads. */
  readonly needs: readonly string[];
  /** For people: `train 3d_fullres fold 2`. */
  readonly title: string;
  /** Which program carries it out. */
  readonly program: 'controller' | 'worker' | 'ensemble';
  /** Forecast of the work, in training iterations; see `forecast.ts`. */
  readonly weight: number;
  /** See `options.ts`. */
  readonly options: Json;
  readonly numerics: StepIdentity['numerics'];
  /** Absolute URI of the weights whose digest is in the options of a training; else `null`. */
  readonly pretrainedWeightsUri: string | null;
}

/** The name that a Task publishes its Model under. */
export const modelName = ({ spec, metadata }: Pick<Task, 'spec' | 'metadata'>): string =>
  spec.publish?.model ?? metadata.name;

/** @param revision of the data set; see `revision.ts`. */
export function ingestNode({ spec }: Spec, revision: string): NodePlan {
  const options: IngestOptions = { selection: spec.dataset.selection ?? null, revision };
  return { ...ofTheTask('ingest', 'worker'), needs: [], weight: INGEST_WEIGHT, options: asJson(options) };
}

export function planNode({ spec: { planner, folds } }: Spec): NodePlan {
  const options: PlanOptions = { planner, folds };
  return { ...ofTheTask('plan', 'controller'), needs: ['ingest'], weight: PLAN_WEIGHT, options: asJson(options) };
}

/** @param configuration one that has arrays of its own. */
export function preprocessNode(configuration: string, cases: number): NodePlan {
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
    pretrainedWeightsUri: null,
  };
}

/** What a training is made of besides the spec. */
export interface TrainingParts {
  readonly configuration: PlannedConfiguration;
  readonly fold: FoldName;
  readonly validationCases: number;
  /** SHA-256 of the weights to start from; `null`: none. */
  readonly pretrainedWeights: string | null;
}

/**
 * The training of a fold, after those of the earlier schedules that it goes on from.
 *
 * Those are steps like any other: done before, they are found again; else they are carried out first. Either way the fold
 * ends with the same weights.
 */
export function trainNodes(task: Spec, parts: TrainingParts): NodePlan[] {
  const { epochs, continueFrom } = task.spec.training;
  return [...continueFrom, epochs].map((until, i) => {
    const node = trainNode(task, parts, until, continueFrom[i - 1] ?? null);
    if (i === continueFrom.length) return node;
    const { name } = parts.configuration;
    return {
      ...node,
      key: earlierTrainingKey(name, parts.fold, until),
      configuration: null,
      fold: null,
      title: `${node.title} until epoch ${until}`,
    };
  });
}

/** A stage that builds on another waits for all folds of that: each of its cases was predicted by one of them. */
function trainNode(
  { spec: { training, inference, workers, folds } }: Spec,
  { configuration: { name, arraysOf, previousStage }, fold, validationCases, pretrainedWeights }: TrainingParts,
  epochs: number,
  continuesFrom: number | null,
): NodePlan {
  const options: TrainOptions = {
    configuration: name,
    fold,
    epochs,
    continuesFrom,
    pretrainedWeights: continuesFrom === null ? pretrainedWeights : null,
    iterationsPerEpoch: training.iterationsPerEpoch,
    validationIterationsPerEpoch: training.validationIterationsPerEpoch,
    seed: training.seed,
    optimizer: training.optimizer,
    initialLearningRate: training.initialLearningRate,
    oversampleForeground: training.oversampleForeground,
    augmentation: training.augmentation,
    stepFraction: inference.stepFraction,
    mirroring: mirroringOf({ training, inference }),
  };
  const places: Readonly<Record<string, string>> = training.pretrainedWeights;
  const previous = previousStage === null ? [] : trainKeys([previousStage], folds);
  const continued = continuesFrom === null ? [] : [earlierTrainingKey(name, fold, continuesFrom)];
  return {
    key: trainingKey(name, fold),
    kind: 'train',
    configuration: name,
    fold,
    // Also the raw cases of `ingest`: validation is scored on their grids.
    needs: ['ingest', 'plan', preprocessKey(arraysOf), ...previous, ...continued],
    title: `train ${name} fold ${fold}`,
    program: 'worker',
    weight: trainWeight({ ...training, epochs: epochs - (continuesFrom ?? 0) }, validationCases),
    options: asJson(options),
    numerics: { engine: training.engine, dtype: training.precision, threads: workers.threads },
    pretrainedWeightsUri: options.pretrainedWeights === null ? null : (places[name] ?? null),
  };
}

export function ensembleNode({ spec }: Spec, configurations: readonly string[], cases: number): NodePlan {
  const voting = (['soft', 'hard'] as const).filter((one) => spec.ensembling.voting.includes(one));
  const options: EnsembleOptions = { configurations, folds: spec.folds, voting };
  return {
    ...ofTheTask('ensemble', 'ensemble'),
    needs: ['ingest', 'plan', ...trainKeys(configurations, spec.folds)],
    weight: ensembleWeight(configurations.length, voting.length, cases),
    options: asJson(options),
  };
}

export function publishNode(task: Pick<Task, 'spec' | 'metadata'>, configurations: readonly string[]): NodePlan {
  const { stepFraction } = task.spec.inference;
  const options: PublishOptions = { model: modelName(task), stepFraction, mirroring: mirroringOf(task.spec) };
  return {
    ...ofTheTask('publish', 'ensemble'),
    needs: ['plan', ...trainKeys(configurations, task.spec.folds), 'ensemble'],
    weight: PUBLISH_WEIGHT,
    options: asJson(options),
  };
}

/** A network that never saw an axis flipped in training is not shown it flipped in prediction. */
const mirroringOf = ({ training, inference }: Pick<TaskSpec, 'training' | 'inference'>): TrainOptions['mirroring'] =>
  inference.mirroring && (augmentationSettings(training.augmentation).mirror.axes ?? true);

const ofTheTask = (kind: StepKind, program: NodePlan['program']) => ({
  key: kind,
  kind,
  configuration: null,
  fold: null,
  title: kind,
  program,
  numerics: null,
  pretrainedWeightsUri: null,
});

const trainKeys = (configurations: readonly string[], folds: FoldCount): string[] =>
  configurations.flatMap((configuration) => foldNames(folds).map((fold) => trainingKey(configuration, fold)));

/** Options as plain JSON: what was left out of the Task stays out of the digest. */
const asJson = (options: object): Json => JSON.parse(canonicalJson(options));
