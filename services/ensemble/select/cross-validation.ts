import { product } from '#core/geometry/axes.ts';
import { type FoldCount, type FoldName, foldNames } from '#core/training/folds.ts';
import { readImage } from '#datasets/read-image.ts';
import { parseSplits } from '#formats/splits-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { type Cases, readCases, type SourceFile } from '#steps/cases.ts';
import type { StepContext } from '#steps/step-context.ts';
import { trainingKey } from '#steps/step-names.ts';
import { validationMapPath, validationProbabilities } from '#steps/validation-outputs.ts';
import { readVerified } from '#steps/verified-read.ts';

/** A case with the fold that did not train on it and so predicted it. */
export interface ValidationCase {
  readonly caseId: string;
  readonly fold: FoldName;
  readonly label: SourceFile;
}

/** A label map of one case on its raw grid. */
export interface CaseLabels {
  /** (z, y, x) */
  readonly shape: readonly [number, number, number];
  readonly labels: Uint8Array;
}

/** The pooled validation predictions of every configuration, and their references. Reads one file at a time. */
export class CrossValidation {
  readonly dataset: Cases['dataset'];
  /** Every training case once, by ascending id. */
  readonly cases: readonly ValidationCase[];
  readonly #context: StepContext;
  readonly #raw: ObjectStore;

  private constructor(context: StepContext, dataset: Cases['dataset'], cases: readonly ValidationCase[]) {
    this.#context = context;
    this.#raw = context.datasets(context.description.datasetUri);
    this.dataset = dataset;
    this.cases = cases;
  }

  static async open(context: StepContext, folds: FoldCount): Promise<CrossValidation> {
    const ingested = await readCases(await context.inputs('ingest'));
    const splits = parseSplits(await (await context.inputs('plan')).readText('splits_final.json'));
    const labels = new Map(ingested.training.map((source) => [source.caseId, source.label]));
    const cases = foldNames(folds).flatMap((fold, i) =>
      (splits[i]?.validation ?? []).map((caseId): ValidationCase => {
        const label = labels.get(caseId);
        if (label === undefined) throw new RangeError(`fold ${fold} validates on ${caseId}, which was not ingested`);
        return { caseId, fold, label };
      }),
    );
    const sorted = cases.toSorted((a, b) => (a.caseId < b.caseId ? -1 : 1));
    return new CrossValidation(context, ingested.dataset, sorted);
  }

  /** The reference label map, verified against what was ingested. */
  async reference({ label }: ValidationCase): Promise<CaseLabels> {
    return readLabelMap(label.path, () => readVerified(this.#raw, label.path, label));
  }

  /** The label map that a configuration alone predicted. */
  async segmentation(configuration: string, { caseId, fold }: ValidationCase): Promise<CaseLabels> {
    const outputs = await this.#context.inputs(trainingKey(configuration, fold));
    const path = validationMapPath(caseId);
    return readLabelMap(path, () => outputs.read(path));
  }

  /** (heads, z, y, x) on the raw grid. */
  async probabilities(configuration: string, { caseId, fold }: ValidationCase): Promise<Float32Array> {
    const outputs = await this.#context.inputs(trainingKey(configuration, fold));
    return (await validationProbabilities(outputs, caseId)).data;
  }
}

/** Labels alone: not the transparency of a picture, nor the spacing beside a TIFF. */
async function readLabelMap(path: string, read: () => Promise<Uint8Array>): Promise<CaseLabels> {
  const volume = await readImage({ get: async (key) => (key === path ? read() : undefined) }, path);
  if (volume === undefined) throw new RangeError('a label map that was read is not there');
  const { shape, data } = volume;
  return { shape, labels: Uint8Array.from(data.subarray(0, product(shape))) };
}
