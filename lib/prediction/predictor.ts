import type { Engine, Network } from '#compute/engine.ts';
import { counted } from '#core/counted.ts';
import { labelMap } from '#core/dataset/label-map.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import type { Shape } from '#core/geometry/axes.ts';
import type { Image } from '#core/geometry/volume.ts';
import { restoreProbabilities, restoreSegmentation } from '#core/inference/restore-to-grid.ts';
import { buildNetwork } from '#core/network/build-network.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { ConfigurationPlan } from '#core/planning/plans.ts';
import { applyRules } from '#core/postprocessing/rule.ts';
import { preprocessCase } from '#core/preprocessing/preprocess-case.ts';
import type { CropAndResampleRecord } from '#core/preprocessing/preprocessed-case.ts';
import type { FoldName } from '#core/training/folds.ts';
import type { Inference } from './inference-json.ts';
import type { ModelFolder } from './model-folder.ts';
import { predictLogits } from './predict-case.ts';

/** One image as it was read, on its own grid. */
export interface RawCase {
  readonly caseId: string;
  readonly image: Image<'zyx'>;
}

export interface Prediction {
  readonly shape: Shape<'zyx'>;
  /** (z, y, x) labels on the grid of the raw image, after postprocessing. */
  readonly segmentation: Uint8Array;
  /**
   * (heads, z, y, x), if asked for, before postprocessing: the mean over the members; for hard voting the highest of
   * any member, which need not sum to 1.
   */
  readonly probabilities: Float32Array | null;
}

/** What is wanted of one prediction. */
export interface PredictionWish {
  readonly probabilities: boolean;
  /** Told after each network: how many are through, of how many. */
  networkDone?(done: number, networks: number): void;
}

interface Member {
  readonly configuration: ConfigurationPlan;
  /** One per fold. */
  readonly networks: readonly Network[];
}

/**
 * A model ready to predict: every fold of every member compiled, its weights loaded once.
 *
 * Per member the LOGITS of the folds are averaged, as nnU-Net does, put back on the raw grid and turned into
 * probabilities there; the members then vote with those; last, the model's postprocessing.
 */
export class Predictor implements AsyncDisposable {
  readonly model: ModelFolder;
  readonly #inference: Inference;
  readonly #members: readonly Member[];

  private constructor(model: ModelFolder, inference: Inference, members: readonly Member[]) {
    this.model = model;
    this.#inference = inference;
    this.#members = members;
  }

  /**
   * Puts a model on an engine. The engine stays the caller's; the networks are closed with the predictor.
   *
   * @param inference the model's own, or what `chooseInference` made of it.
   * @throws {UnusableModelError} when the model cannot be predicted with.
   */
  static async open(model: ModelFolder, engine: Engine, inference: Inference): Promise<Predictor> {
    const opened: Network[] = [];
    try {
      const members: Member[] = [];
      for (const name of inference.members) {
        const networks = await openFolds(model, engine, name, inference.folds, opened);
        members.push({ configuration: model.configuration(name), networks });
      }
      return new Predictor(model, inference, members);
    } catch (error) {
      await close(opened);
      throw error;
    }
  }

  /** @throws {RangeError} if the image does not have the model's channels. */
  async predict(raw: RawCase, want: PredictionWish): Promise<Prediction> {
    const channels = this.model.dataset.channelNames.length;
    if (raw.image.channels !== channels)
      throw new RangeError(
        `case ${raw.caseId} has ${counted(raw.image.channels, 'channel')}, the model expects ${channels}`,
      );
    const { segmentation, probabilities } = await this.#vote(raw, want);
    const rules = this.#inference.postprocessing.map((target) => ({ keepLargestOf: target }));
    return { shape: raw.image.shape, segmentation: applyRules(segmentation, raw.image.shape, rules), probabilities };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#members.flatMap((member) => member.networks));
  }

  async #vote(raw: RawCase, want: PredictionWish): Promise<Omit<Prediction, 'shape'>> {
    const { plans, dataset } = this.model;
    const labels = labelScheme(dataset);
    const [only, ...others] = this.#members;
    const through = this.#counter(want);
    if (only !== undefined && others.length === 0 && !want.probabilities) {
      const { logits, record } = await this.#logits(raw, only, through);
      const segmentation = restoreSegmentation(logits, record, plans, only.configuration, labels);
      return { segmentation, probabilities: null };
    }
    const votes: Float32Array[] = [];
    for (const member of this.#members) {
      const { logits, record } = await this.#logits(raw, member, through);
      votes.push(restoreProbabilities(logits, record, plans, member.configuration, labels));
    }
    const probabilities = joinProbabilities(this.#inference.voting, votes, labels);
    const segmentation = labelMap(probabilities, labels);
    return { segmentation, probabilities: want.probabilities ? probabilities : null };
  }

  /** To be called after each network. */
  #counter(want: PredictionWish): () => void {
    const networks = this.#members.reduce((sum, member) => sum + member.networks.length, 0);
    let done = 0;
    return () => want.networkDone?.(++done, networks);
  }

  async #logits(raw: RawCase, { configuration, networks }: Member, through: () => void): Promise<CaseLogits> {
    const preprocessed = preprocessCase({ ...raw, label: null }, this.model.plans, configuration, []);
    let sum: Tensor | null = null;
    for (const network of networks) {
      const logits = await predictLogits(network, preprocessed, configuration, this.#inference);
      sum = sum === null ? logits : added(sum, logits);
      through();
    }
    if (sum === null) throw new RangeError(`configuration ${configuration.name} has no fold`);
    return { logits: divided(sum, networks.length), record: preprocessed.record };
  }
}

interface CaseLogits {
  /** Mean over the folds, on the preprocessed grid. */
  readonly logits: Tensor;
  readonly record: CropAndResampleRecord;
}

/** Compiles one network per fold, noting each in `opened` as soon as it exists, so that a failure can close it. */
async function openFolds(
  model: ModelFolder,
  engine: Engine,
  member: string,
  folds: readonly FoldName[],
  opened: Network[],
): Promise<Network[]> {
  const { architecture } = model.configuration(member);
  const graph = buildNetwork(architecture, model.dataset.channelNames.length, labelScheme(model.dataset).heads);
  const networks: Network[] = [];
  for (const fold of folds) {
    const weights = await model.weights(member, fold);
    const network = await engine.compile(graph);
    opened.push(network);
    networks.push(network);
    await network.setWeights(weights);
  }
  return networks;
}

async function close(networks: readonly Network[]): Promise<void> {
  for (const network of networks) await network[Symbol.asyncDispose]();
}

/** `sum` with `more` added in place. */
function added(sum: Tensor, more: Tensor): Tensor {
  for (let i = 0; i < sum.data.length; i++) sum.data[i] = (sum.data[i] as number) + (more.data[i] as number);
  return sum;
}

/** `sum` divided in place. */
function divided(sum: Tensor, by: number): Tensor {
  for (let i = 0; i < sum.data.length; i++) sum.data[i] = (sum.data[i] as number) / by;
  return sum;
}
