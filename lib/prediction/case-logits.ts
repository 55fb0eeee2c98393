import { withPreviousStageChannels } from '#core/cascade/previous-stage-channels.ts';
import { type LabelScheme, labelScheme } from '#core/dataset/labels.ts';
import type { LabelMap } from '#core/geometry/volume.ts';
import { restoreSegmentation } from '#core/inference/restore-to-grid.ts';
import type { Tensor } from '#core/network/tensor.ts';
import { preprocessCase, type UnprocessedCase } from '#core/preprocessing/preprocess-case.ts';
import type { CropAndResampleRecord, PreprocessedCase } from '#core/preprocessing/preprocessed-case.ts';
import type { Member } from './member.ts';
import type { ModelFolder } from './model-folder.ts';
import { predictLogits, type SlidingWindow } from './predict-case.ts';

export interface CaseLogits {
  /** Mean over the folds, (heads, ...net) on the preprocessed grid. */
  readonly logits: Tensor;
  readonly record: CropAndResampleRecord;
}

/** What each member says about one image. A stage that several build on runs once. */
export class CasePass {
  readonly #raw: Omit<UnprocessedCase, 'label'>;
  readonly #model: ModelFolder;
  readonly #window: SlidingWindow;
  readonly #labels: LabelScheme;
  readonly #networkDone: () => void;
  readonly #done = new Map<Member, CaseLogits>();

  /** @param networkDone called after each network. */
  constructor(raw: Omit<UnprocessedCase, 'label'>, model: ModelFolder, window: SlidingWindow, networkDone: () => void) {
    this.#raw = raw;
    this.#model = model;
    this.#window = window;
    this.#labels = labelScheme(model.dataset);
    this.#networkDone = networkDone;
  }

  async logits(member: Member): Promise<CaseLogits> {
    const known = this.#done.get(member);
    if (known !== undefined) return known;
    const made = await this.#predict(member);
    this.#done.set(member, made);
    return made;
  }

  async #predict(member: Member): Promise<CaseLogits> {
    const { configuration, networks } = member;
    const input = await this.#input(member);
    let sum: Tensor | null = null;
    for (const network of networks) {
      const logits = await predictLogits(network, input, configuration, this.#window);
      sum = sum === null ? logits : added(sum, logits);
      this.#networkDone();
    }
    if (sum === null) throw new RangeError(`configuration ${configuration.name} has no fold`);
    return { logits: divided(sum, networks.length), record: input.record };
  }

  /** The previous stage's labels go through preprocessing as a label map does, and become channels. */
  async #input({ configuration, previous }: Member): Promise<Pick<PreprocessedCase, 'image' | 'record'>> {
    const label = previous === null ? null : await this.#labelsOf(previous);
    const {
      image,
      label: resampled,
      record,
    } = preprocessCase({ ...this.#raw, label }, this.#model.plans, configuration, []);
    if (previous === null) return { image, record };
    return { image: withPreviousStageChannels(image, resampled.data, this.#labels.foreground), record };
  }

  async #labelsOf(stage: Member): Promise<LabelMap<'zyx'>> {
    const { logits, record } = await this.logits(stage);
    const labels = restoreSegmentation(logits, record, this.#model.plans, stage.configuration, this.#labels);
    const { shape, spacing } = this.#raw.image;
    return { shape, spacing, data: Int16Array.from(labels) };
  }
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
