// The stored results of a finished cross-validation, as the ensemble and publish steps find them: ingest, plan and every
// training done, with the probabilities that a test makes up.

import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { argMax } from '#core/dataset/label-map.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import { summarize } from '#core/evaluation/summary.ts';
import { formatSummary } from '#core/evaluation/summary-json.ts';
import { shapeZyx, spacingZyx } from '#core/geometry/axes.ts';
import { crossValidationSplits } from '#core/training/folds.ts';
import { writeNifti } from '#formats/nifti.ts';
import { axisAlignedGeometry } from '#formats/nifti-geometry.ts';
import { formatPlans } from '#formats/plans-json.ts';
import { formatSplits } from '#formats/splits-json.ts';
import { encodeZarrArray, volumeChunks } from '#formats/zarr.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { Cases, SourceCase } from '#steps/cases.ts';
import { contentDigest, outputOf } from '#steps/manifest.ts';
import type { TrainOptions } from '#steps/options.ts';
import { ALGORITHM_VERSIONS, type Json, type StepDescription, type StepKind } from '#steps/step.ts';
import { trainingKey } from '#steps/step-names.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import { StepStore } from '#steps/step-store.ts';
import { validationMapPath, validationProbabilitiesPath } from '#steps/validation-outputs.ts';
import { PLANS } from './a-model.ts';

/** What differs from test to test. */
export interface CrossValidationParts {
  readonly shape: readonly [number, number, number];
  /** Foreground and background; heads of the probabilities. */
  readonly labels: DatasetDescription['labels'];
  /** Reference label maps by case. */
  readonly truth: ReadonlyMap<string, Uint8Array>;
  readonly configurations: readonly string[];
  readonly folds: number;
  /** (heads, z, y, x) */
  probabilities(configuration: string, caseId: string): Float32Array;
}

const SCHEDULE = {
  epochs: 1,
  continuesFrom: null,
  pretrainedWeights: null,
  iterationsPerEpoch: 1,
  validationIterationsPerEpoch: 1,
  seed: 7,
  optimizer: 'sgd',
  augmentation: 'v2',
  initialLearningRate: 0.01,
  oversampleForeground: 0.33,
  stepFraction: 0.5,
  mirroring: true,
} satisfies Omit<TrainOptions, 'configuration' | 'fold'>;

/** Steps in a store, with more steps to be described on top of them. */
export class StoredCrossValidation {
  readonly store: StepStore;
  readonly #objects: ObjectStore;
  readonly #inputs: Record<string, string> = {};
  readonly #inputSteps: Record<string, string> = {};

  private constructor(objects: ObjectStore) {
    this.#objects = objects;
    this.store = new StepStore(objects);
  }

  /** Fills `objects`, which serves as the data set's folder too. */
  static async create(objects: ObjectStore, parts: CrossValidationParts): Promise<StoredCrossValidation> {
    const stored = new StoredCrossValidation(objects);
    const caseIds = [...parts.truth.keys()].sort();
    const splits = crossValidationSplits(caseIds, parts.folds);
    const cases = await stored.#writeDataset(parts, caseIds);
    await stored.finish('ingest', 'ingest', {}, new Map([['cases.json', json(cases)]]), {
      trainingCases: caseIds.length,
    });
    const planned = new Map([
      ['splits_final.json', text(formatSplits(splits))],
      ['plans.json', text(formatPlans(PLANS))],
      ['dataset.json', json(cases.dataset)],
    ]);
    await stored.finish('plan', 'plan', {}, planned, {
      configurations: parts.configurations.map((name) => ({
        name,
        arraysOf: name,
        previousStage: null,
        trainingBytes: 0,
      })),
      caseBytes: 0,
    });
    for (const configuration of parts.configurations) {
      for (const [fold, split] of splits.entries()) {
        const outputs = validationOutputs(parts, configuration, split.validation);
        for (const which of ['final', 'best'])
          outputs.set(`${which}.safetensors`, text(`${which} weights of ${configuration}, fold ${fold}`));
        const options = { ...SCHEDULE, configuration, fold };
        const result = { meanDice: 0.5, seconds: 1 };
        await stored.finish(trainingKey(configuration, fold), 'train', options, outputs, result);
      }
    }
    return stored;
  }

  /** Describes a step whose inputs are all steps finished so far. @returns its digest. */
  async describe(kind: StepKind, options: Json): Promise<string> {
    const numerics = kind === 'train' ? ({ engine: 'torch', dtype: 'float32', threads: 1 } as const) : null;
    const description: StepDescription = {
      identity: { kind, algorithmVersion: ALGORITHM_VERSIONS[kind], inputs: { ...this.#inputs }, options, numerics },
      inputSteps: { ...this.#inputSteps },
      title: kind,
      task: { name: 'phantom', uid: 'uid-1' },
      datasetUri: 'file:///dataset',
      checkpointIntervalSeconds: 60,
      pretrainedWeightsUri: null,
    };
    return this.store.describe(description);
  }

  /** Makes a step that is done, under `key`. */
  async finish(
    key: string,
    kind: StepKind,
    options: Json,
    outputs: ReadonlyMap<string, Uint8Array>,
    result: Json,
  ): Promise<void> {
    const step = await this.describe(kind, options);
    const attempt = this.store.attempt(step, 1);
    for (const [path, bytes] of outputs) await attempt.write(path, bytes);
    await attempt.commit(result);
    await this.remember(key, step);
  }

  /** The outputs of a step that is done, by its key. */
  outputs(key: string): Promise<StepOutputs> {
    return this.store.outputs(this.#inputSteps[key] ?? '');
  }

  /** Makes a step that is done an input of those to come. */
  async remember(key: string, step: string): Promise<void> {
    const { manifest } = await this.store.outputs(step);
    this.#inputs[key] = contentDigest(manifest);
    this.#inputSteps[key] = step;
  }

  async #writeDataset({ truth, shape, labels }: CrossValidationParts, caseIds: readonly string[]): Promise<Cases> {
    const training: SourceCase[] = [];
    for (const caseId of caseIds) {
      const bytes = niftiOf(truth.get(caseId) ?? new Uint8Array(), shape);
      const path = `labelsTr/${caseId}.nii.gz`;
      await this.#objects.put(path, bytes);
      training.push({ caseId, images: [], label: { path, ...outputOf(bytes) } });
    }
    const dataset: DatasetDescription = {
      name: 'phantom',
      channelNames: ['MRI'],
      labels,
      fileEnding: '.nii.gz',
      numTraining: caseIds.length,
    };
    return { dataset, training, test: [] };
  }
}

function validationOutputs(parts: CrossValidationParts, configuration: string, caseIds: readonly string[]) {
  const outputs = new Map<string, Uint8Array>();
  const heads = parts.labels.length;
  for (const caseId of caseIds) {
    const probabilities = parts.probabilities(configuration, caseId);
    outputs.set(validationMapPath(caseId), niftiOf(argMax(probabilities, heads), parts.shape));
    const shape = [heads, ...parts.shape];
    const path = validationProbabilitiesPath(caseId);
    for (const [key, bytes] of encodeZarrArray(path, shape, 'float32', probabilities, volumeChunks(shape)))
      outputs.set(key, bytes);
  }
  outputs.set('validation/summary.json', text(formatSummary(validationSummary(parts, configuration, caseIds))));
  return outputs;
}

function validationSummary(
  { labels, truth, probabilities }: CrossValidationParts,
  configuration: string,
  caseIds: readonly string[],
) {
  const { targets } = labelScheme({ labels });
  const cases = caseIds.map((caseId) => ({
    predictionFile: `${caseId}.nii.gz`,
    referenceFile: `labelsTr/${caseId}.nii.gz`,
    metrics: evaluateCase(
      argMax(probabilities(configuration, caseId), labels.length),
      truth.get(caseId) ?? new Uint8Array(),
      targets,
    ),
  }));
  return summarize(targets, cases);
}

const niftiOf = (labels: Uint8Array, [z, y, x]: CrossValidationParts['shape']): Uint8Array =>
  writeNifti(labels, shapeZyx(z, y, x), axisAlignedGeometry(spacingZyx(1, 1, 1)));

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const json = (content: unknown): Uint8Array => text(JSON.stringify(content));
