import type { Engine, Network } from '#compute/engine.ts';
import { counted } from '#core/counted.ts';
import { labelMap } from '#core/dataset/label-map.ts';
import { labelScheme } from '#core/dataset/labels.ts';
import { joinProbabilities } from '#core/ensembling/voting.ts';
import type { Shape } from '#core/geometry/axes.ts';
import type { Image } from '#core/geometry/volume.ts';
import { restoreProbabilities, restoreSegmentation } from '#core/inference/restore-to-grid.ts';
import { withPreviousStages } from '#core/planning/stages.ts';
import { applyRules } from '#core/postprocessing/rule.ts';
import { CasePass } from './case-logits.ts';
import type { Inference } from './inference-json.ts';
import { type Member, openMember } from './member.ts';
import type { CheckpointName, ModelFolder } from './model-folder.ts';

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

/**
 * A model ready to predict: every fold of every member compiled, its weights loaded once.
 *
 * Per member the LOGITS of the folds are averaged, as nnU-Net does, put back on the raw grid and turned into
 * probabilities there; the members then vote with those; last, the model's postprocessing. A member that builds on a
 * previous stage is shown the label map of that, put back on the raw grid as well.
 */
export class Predictor implements AsyncDisposable {
  readonly model: ModelFolder;
  readonly #inference: Inference;
  /** The members, and the stages that they build on. */
  readonly #stages: readonly Member[];
  readonly #members: readonly Member[];

  private constructor(model: ModelFolder, inference: Inference, stages: readonly Member[], members: readonly Member[]) {
    this.model = model;
    this.#inference = inference;
    this.#stages = stages;
    this.#members = members;
  }

  /**
   * Puts a model on an engine. The engine stays the caller's; the networks are closed with the predictor.
   *
   * @param inference the model's own, or what `chooseInference` made of it.
   * @param checkpoint which weights of each fold.
   * @throws {UnusableModelError} when the model cannot be predicted with.
   */
  static async open(
    model: ModelFolder,
    engine: Engine,
    inference: Inference,
    checkpoint: CheckpointName = 'final',
  ): Promise<Predictor> {
    const opened: Network[] = [];
    try {
      const stages = new Map<string, Member>();
      for (const name of withPreviousStages(inference.members, model.plans.configurations)) {
        const configuration = model.configuration(name);
        const previous = stages.get(configuration.previousStage ?? '') ?? null;
        stages.set(
          name,
          await openMember(model, engine, configuration, previous, { ...inference, checkpoint }, opened),
        );
      }
      const members = inference.members.flatMap((name) => stages.get(name) ?? []);
      return new Predictor(model, inference, [...stages.values()], members);
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
    await close(this.#stages.flatMap((stage) => stage.networks));
  }

  async #vote(raw: RawCase, want: PredictionWish): Promise<Omit<Prediction, 'shape'>> {
    const { plans, dataset } = this.model;
    const labels = labelScheme(dataset);
    const [only, ...others] = this.#members;
    const pass = new CasePass(raw, this.model, this.#inference, this.#counter(want));
    if (only !== undefined && others.length === 0 && !want.probabilities) {
      const { logits, record } = await pass.logits(only);
      const segmentation = restoreSegmentation(logits, record, plans, only.configuration, labels);
      return { segmentation, probabilities: null };
    }
    const votes: Float32Array[] = [];
    for (const member of this.#members) {
      const { logits, record } = await pass.logits(member);
      votes.push(restoreProbabilities(logits, record, plans, member.configuration, labels));
    }
    const probabilities = joinProbabilities(this.#inference.voting, votes, labels);
    const segmentation = labelMap(probabilities, labels);
    return { segmentation, probabilities: want.probabilities ? probabilities : null };
  }

  /** To be called after each network. */
  #counter(want: PredictionWish): () => void {
    const networks = this.#stages.reduce((sum, stage) => sum + stage.networks.length, 0);
    let done = 0;
    return () => want.networkDone?.(++done, networks);
  }
}

async function close(networks: readonly Network[]): Promise<void> {
  for (const network of networks) await network[Symbol.asyncDispose]();
}
