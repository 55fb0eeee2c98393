// nnU-Net's loss and its gradient in plain TypeScript, float64 inside: what engines are compared with.

import { product } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { LossOptions } from './loss-options.ts';

/** Keeps the ratio of an absent class finite; nnU-Net's constant. */
const smooth = 1e-5;

/** Labels 0 to heads - 1, (N, ...spatial). */
export interface Target {
  readonly shape: readonly number[];
  readonly data: Int16Array;
}

/**
 * Cross-entropy plus soft Dice of one output.
 *
 * Cross-entropy: mean over batch and voxels. Dice: minus the mean over the foreground classes (and samples, unless
 * `batchDice`) of (2 I + 1e-5) / (G + P + 1e-5), with I the summed probability on the class, P the summed probability
 * and G the number of the class's voxels.
 *
 * @param logits (N, heads, ...spatial)
 * @returns the gradient with respect to the logits, in their layout.
 * @throws {RangeError} for a label without a head or a target of another extent.
 * @see nnU-Net v2, DC_and_CE_loss with MemoryEfficientSoftDiceLoss, do_bg False
 */
export function diceCrossEntropy(
  logits: Tensor,
  target: Target,
  batchDice: boolean,
): { readonly loss: number; readonly gradient: Float32Array } {
  const layout = layoutOf(logits, target);
  const probabilities = softmax(logits.data, layout);
  const groups = batchDice ? 1 : layout.samples;
  const dice = diceTerms(probabilities, target.data, layout, groups);
  const gradient = lossGradient(probabilities, target.data, layout, dice);
  return { loss: crossEntropy(logits.data, target.data, layout) - dice.mean, gradient };
}

/**
 * The weighted sum over the outputs of a network, highest resolution first.
 *
 * @returns one gradient per output; `null` for an output of weight 0, which is not evaluated.
 */
export function deepSupervisionLoss(
  outputs: readonly Tensor[],
  targets: readonly Target[],
  { batchDice, deepSupervisionWeights }: LossOptions,
): { readonly loss: number; readonly gradients: readonly (Float32Array | null)[] } {
  let loss = 0;
  const gradients = outputs.map((logits, k) => {
    const weight = deepSupervisionWeights[k] ?? 0;
    if (weight === 0) return null;
    const target = targets[k];
    if (!target) throw new RangeError(`output ${k} has weight ${weight} but no target`);
    const output = diceCrossEntropy(logits, target, batchDice);
    loss += weight * output.loss;
    return output.gradient.map((slope) => weight * slope);
  });
  return { loss, gradients };
}

interface Layout {
  readonly samples: number;
  readonly heads: number;
  /** Per sample. */
  readonly voxels: number;
}

function layoutOf({ shape }: Tensor, target: Target): Layout {
  const [samples = 0, heads = 0, ...spatial] = shape;
  const expected = [samples, ...spatial];
  if (expected.join() !== target.shape.join())
    throw new RangeError(`expected a target of shape [${expected}], got [${target.shape}]`);
  for (const label of target.data)
    if (label < 0 || label >= heads)
      throw new RangeError(`expected labels 0 to ${heads - 1} in the target, got ${label}`);
  return { samples, heads, voxels: product(spatial) };
}

/** Calls back with each voxel's index in the target and of its first logit; the next head is `voxels` further. */
function forEachVoxel({ samples, heads, voxels }: Layout, visit: (voxel: number, first: number) => void): void {
  for (let sample = 0; sample < samples; sample++)
    for (let i = 0; i < voxels; i++) visit(sample * voxels + i, sample * heads * voxels + i);
}

/** log of the summed exponentials of a voxel's logits, without overflow. */
function logSumExp(logits: Float32Array, first: number, { heads, voxels }: Layout): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let head = 0; head < heads; head++) max = Math.max(max, logits[first + head * voxels] ?? Number.NaN);
  let sum = 0;
  for (let head = 0; head < heads; head++) sum += Math.exp((logits[first + head * voxels] ?? 0) - max);
  return max + Math.log(sum);
}

function softmax(logits: Float32Array, layout: Layout): Float64Array {
  const probabilities = new Float64Array(logits.length);
  forEachVoxel(layout, (_, first) => {
    const normalizer = logSumExp(logits, first, layout);
    for (let head = 0; head < layout.heads; head++) {
      const at = first + head * layout.voxels;
      probabilities[at] = Math.exp((logits[at] ?? 0) - normalizer);
    }
  });
  return probabilities;
}

function crossEntropy(logits: Float32Array, labels: Int16Array, layout: Layout): number {
  let sum = 0;
  forEachVoxel(layout, (voxel, first) => {
    sum += logSumExp(logits, first, layout) - (logits[first + (labels[voxel] ?? 0) * layout.voxels] ?? 0);
  });
  return sum / labels.length;
}

/** Per group (sample, or the whole batch) and head; background is there but not counted. */
interface DiceTerms {
  readonly groups: number;
  /** 2 I + smooth */
  readonly numerators: Float64Array;
  /** G + P + smooth */
  readonly denominators: Float64Array;
  /** Of the ratios of the foreground heads. */
  readonly mean: number;
}

function diceTerms(probabilities: Float64Array, labels: Int16Array, layout: Layout, groups: number): DiceTerms {
  const { heads, voxels } = layout;
  const numerators = new Float64Array(groups * heads).fill(smooth);
  const denominators = new Float64Array(groups * heads).fill(smooth);
  forEachVoxel(layout, (voxel, first) => {
    const group = (groups === 1 ? 0 : Math.floor(voxel / voxels)) * heads;
    for (let head = 0; head < heads; head++) {
      const p = probabilities[first + head * voxels] ?? 0;
      const isClass = labels[voxel] === head ? 1 : 0;
      numerators[group + head] = (numerators[group + head] ?? 0) + 2 * p * isClass;
      denominators[group + head] = (denominators[group + head] ?? 0) + p + isClass;
    }
  });
  let sum = 0;
  for (let i = 0; i < groups * heads; i++) if (i % heads !== 0) sum += (numerators[i] ?? 0) / (denominators[i] ?? 1);
  return { groups, numerators, denominators, mean: sum / (groups * (heads - 1)) };
}

function lossGradient(probabilities: Float64Array, labels: Int16Array, layout: Layout, dice: DiceTerms): Float32Array {
  const { heads, voxels } = layout;
  const gradient = new Float32Array(probabilities.length);
  const slopes = new Float64Array(heads);
  forEachVoxel(layout, (voxel, first) => {
    const group = dice.groups === 1 ? 0 : Math.floor(voxel / voxels);
    let expectation = 0;
    for (let head = 0; head < heads; head++) {
      slopes[head] = -diceSlope(dice, group * heads + head, heads, labels[voxel] === head);
      expectation += (slopes[head] ?? 0) * (probabilities[first + head * voxels] ?? 0);
    }
    for (let head = 0; head < heads; head++) {
      const at = first + head * voxels;
      const p = probabilities[at] ?? 0;
      const ofCrossEntropy = (p - (labels[voxel] === head ? 1 : 0)) / labels.length;
      gradient[at] = ofCrossEntropy + p * ((slopes[head] ?? 0) - expectation);
    }
  });
  return gradient;
}

/** Derivative of the mean ratio by one voxel's probability of a head. */
function diceSlope(
  { groups, numerators, denominators }: DiceTerms,
  at: number,
  heads: number,
  isClass: boolean,
): number {
  if (at % heads === 0) return 0;
  const denominator = denominators[at] ?? 1;
  const slope = (2 * (isClass ? 1 : 0) * denominator - (numerators[at] ?? 0)) / denominator ** 2;
  return slope / (groups * (heads - 1));
}
