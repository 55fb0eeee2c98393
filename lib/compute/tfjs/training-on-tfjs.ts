import { augmentSample } from '#core/augmentation/augment-sample.ts';
import { downsampleLabels } from '#core/augmentation/deep-supervision-targets.ts';
import type { Patch } from '#core/augmentation/patch.ts';
import { outputExtents } from '#core/network/output-extents.ts';
import type { Tensor, Tensors } from '#core/network/tensor.ts';
import type { BatchPlan, SamplePlan } from '#core/training/batch-plan.ts';
import { confusionCounts } from '#core/training/confusion-counts.ts';
import { deepSupervisionLoss } from '#core/training/dice-cross-entropy.ts';
import type { TrainingSetup } from '#core/training/loss-options.ts';
import {
  initialLossScale,
  type LossScale,
  lossScaleAfter,
  lossScaleOf,
  lossScaleTensors,
} from '#core/training/loss-scale.ts';
import { clipGradients, gradientNorm, initialOptimizerState, optimizerStep } from '#core/training/optimizer.ts';
import type { GatheredBatch, StepResult, TrainingCase, ValidationResult } from '../engine.ts';
import { expectTensors } from '../expect-tensors.ts';
import { CaseReader } from './case-reader.ts';
import type { NetworkOnTfjs } from './network-on-tfjs.ts';

/** A training of one network; the methods are those of the port's `Training`, without promises. */
export class TrainingOnTfjs {
  readonly #network: NetworkOnTfjs;
  readonly #setup: TrainingSetup;
  readonly #cases: readonly CaseReader[];
  #state: Tensors;
  /** Of scale 1 without loss scaling. */
  #lossScale: LossScale;

  constructor(network: NetworkOnTfjs, setup: TrainingSetup, cases: readonly TrainingCase[]) {
    this.#network = network;
    this.#setup = setup;
    this.#cases = cases.map((one) => new CaseReader(one, setup.previousStageLabels));
    this.#state = initialOptimizerState(setup.optimizer, network.graph.parameters);
    this.#lossScale = setup.lossScaling ? initialLossScale(setup.lossScaling) : { scale: 1, growthTracker: 0 };
  }

  gather(plan: BatchPlan): GatheredBatch {
    const patches = plan.samples.map((sample) => this.#patch(plan, sample));
    const channels = this.#network.graph.inputChannels;
    const image = joined(patches.map(({ image }) => image));
    const targets = outputExtents(this.#network.graph, plan.patchSize).map((extent) => ({
      shape: [patches.length, ...extent],
      data: joinedLabels(patches.map(({ label, shape }) => downsampleLabels(label, shape, extent))),
    }));
    return { image: { shape: [patches.length, channels, ...plan.patchSize], data: image }, targets };
  }

  step(plan: BatchPlan, learningRate: number): StepResult {
    return this.stepOn(this.gather(plan), learningRate);
  }

  stepOn(batch: GatheredBatch, learningRate: number): StepResult {
    const { optimizer, gradientClip, lossScaling } = this.#setup;
    const { scale: lossScale } = this.#lossScale;
    const { loss, gradients } = this.gradients(batch);
    const norm = gradientNorm(gradients);
    const skipped = !Number.isFinite(loss) || !Number.isFinite(norm);
    if (lossScaling) this.#lossScale = lossScaleAfter(lossScaling, this.#lossScale, skipped);
    if (!skipped) {
      const before = { weights: this.#network.weights, state: this.#state };
      const after = optimizerStep(optimizer, before, clipGradients(gradients, norm, gradientClip), learningRate);
      this.#network.weights = after.weights;
      this.#state = after.state;
    }
    return { loss, gradientNorm: norm, skipped, lossScale };
  }

  gradients({ image, targets }: GatheredBatch): { readonly loss: number; readonly gradients: Tensors } {
    const { scale } = this.#lossScale;
    const { loss, gradients } = this.#network.differentiate(image, (outputs) => {
      const ofOutputs = deepSupervisionLoss(outputs, targets, this.#setup.loss);
      return { ...ofOutputs, gradients: ofOutputs.gradients.map((one) => one && multiplied(one, scale)) };
    });
    return {
      loss,
      gradients: new Map(
        [...gradients].map(([name, { shape, data }]) => [name, { shape, data: multiplied(data, 1 / scale) }]),
      ),
    };
  }

  validate(plan: BatchPlan): ValidationResult {
    const { image, targets } = this.gather(plan);
    const outputs = this.#network.forward(image);
    const { loss } = deepSupervisionLoss(outputs, targets, this.#setup.loss);
    const [highest] = outputs;
    const [target] = targets;
    if (!highest || !target) throw new RangeError('the network has no output to validate');
    return { loss, ...confusionCounts(highest, target, this.#setup.loss.labels) };
  }

  get optimizerState(): Tensors {
    return this.#setup.lossScaling ? new Map([...this.#state, ...lossScaleTensors(this.#lossScale)]) : this.#state;
  }

  set optimizerState(state: Tensors) {
    const expected = [...this.optimizerState].map(([name, { shape }]) => ({ name, shape }));
    expectTensors('optimiser state', expected, state);
    this.#state = new Map([...this.#state.keys()].map((name) => [name, state.get(name) as Tensor]));
    this.#lossScale = lossScaleOf(state);
  }

  #patch(plan: BatchPlan, { caseIndex, corner, augmentation }: SamplePlan): Patch {
    const reader = this.#cases[caseIndex];
    if (!reader) throw new RangeError(`the training has no case ${caseIndex}`);
    return augmentSample(reader.patch(corner, plan.initialPatchSize), augmentation, plan.patchSize);
  }
}

const multiplied = (values: Float32Array, factor: number): Float32Array => values.map((value) => value * factor);

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.length * (parts[0]?.length ?? 0));
  for (const [i, part] of parts.entries()) whole.set(part, i * part.length);
  return whole;
}

function joinedLabels(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.length * (parts[0]?.length ?? 0));
  for (const [i, part] of parts.entries()) whole.set(part, i * part.length);
  return whole;
}
