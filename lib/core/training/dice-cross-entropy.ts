// nnU-Net's losses and their gradient in plain TypeScript, float64 inside: what engines are compared with.

import { product } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { LossOptions } from './loss-options.ts';
import { type TargetReader, targetReader } from './target-reader.ts';

/** Keeps the ratio of an absent class finite; nnU-Net's constant. */
const smooth = 1e-5;

/** Labels, (N, ...spatial): those that `TargetLabels` gives a meaning. */
export interface Target {
  readonly shape: readonly number[];
  readonly data: Int16Array;
}

/**
 * Cross-entropy plus soft Dice of one output. Voxels of the ignore label are left out of every sum.
 *
 * Cross-entropy: mean over batch and voxels; with regions, binary and over the heads too, but with an ignore label summed
 * over the heads, as nnU-Net does. Dice: minus the mean over the heads (without background where there are no regions; and
 * over samples, unless `batchDice`) of (2 I + 1e-5) / (G + P + 1e-5), with I the summed probability on the class, P the
 * summed probability and G the number of the class's voxels.
 *
 * @param logits (N, heads, ...spatial)
 * @returns the gradient with respect to the logits, in their layout.
 * @throws {RangeError} for a label without a meaning or a target of another extent.
 * @see nnU-Net v2, DC_and_CE_loss and DC_and_BCE_loss with MemoryEfficientSoftDiceLoss
 */
export function diceCrossEntropy(
  logits: Tensor,
  target: Target,
  { batchDice, labels }: Pick<LossOptions, 'batchDice' | 'labels'>,
): { readonly loss: number; readonly gradient: Float32Array } {
  const layout = layoutOf(logits, target);
  const reader = targetReader(labels, layout.heads);
  for (const label of target.data) reader.check(label);
  const probabilities = reader.exclusive ? softmax(logits.data, layout) : sigmoid(logits.data);
  const groups = batchDice ? 1 : layout.samples;
  const dice = diceTerms(probabilities, target.data, layout, reader, groups);
  const crossEntropy = crossEntropyOf(logits.data, target.data, layout, reader);
  const gradient = lossGradient(probabilities, target.data, layout, reader, dice, crossEntropy.terms);
  return { loss: crossEntropy.mean - dice.mean, gradient };
}

/**
 * The weighted sum over the outputs of a network, highest resolution first.
 *
 * @returns one gradient per output; `null` for an output of weight 0, which is not evaluated.
 */
export function deepSupervisionLoss(
  outputs: readonly Tensor[],
  targets: readonly Target[],
  options: LossOptions,
): { readonly loss: number; readonly gradients: readonly (Float32Array | null)[] } {
  let loss = 0;
  const gradients = outputs.map((logits, k) => {
    const weight = options.deepSupervisionWeights[k] ?? 0;
    if (weight === 0) return null;
    const target = targets[k];
    if (!target) throw new RangeError(`output ${k} has weight ${weight} but no target`);
    const output = diceCrossEntropy(logits, target, options);
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

const sigmoid = (logits: Float32Array): Float64Array =>
  Float64Array.from(logits, (logit) => 1 / (1 + Math.exp(-logit)));

/** Binary cross-entropy of a logit, without overflow. */
const binaryCrossEntropy = (logit: number, isIn: number): number =>
  Math.max(logit, 0) - logit * isIn + Math.log1p(Math.exp(-Math.abs(logit)));

/** @returns the mean, and over how many terms it was taken. Without a voxel that counts it is 0. */
function crossEntropyOf(
  logits: Float32Array,
  labels: Int16Array,
  layout: Layout,
  reader: TargetReader,
): { mean: number; terms: number } {
  const { heads, voxels } = layout;
  let sum = 0;
  let counted = 0;
  forEachVoxel(layout, (voxel, first) => {
    const label = labels[voxel] ?? 0;
    if (!reader.counts(label)) return;
    counted++;
    if (reader.exclusive) sum += logSumExp(logits, first, layout) - (logits[first + label * voxels] ?? 0);
    else
      for (let head = 0; head < heads; head++)
        sum += binaryCrossEntropy(logits[first + head * voxels] ?? 0, reader.isIn(label, head));
  });
  const terms = reader.exclusive || reader.ignores ? counted : counted * heads;
  return { mean: terms === 0 ? 0 : sum / terms, terms };
}

/** Per group (sample, or the whole batch) and head. */
interface DiceTerms {
  readonly groups: number;
  /** 2 I + smooth */
  readonly numerators: Float64Array;
  /** G + P + smooth */
  readonly denominators: Float64Array;
  /** Of the ratios of the heads that count. */
  readonly mean: number;
  /** How many ratios that are. */
  readonly terms: number;
}

function diceTerms(
  probabilities: Float64Array,
  labels: Int16Array,
  layout: Layout,
  reader: TargetReader,
  groups: number,
): DiceTerms {
  const { heads, voxels } = layout;
  const numerators = new Float64Array(groups * heads).fill(smooth);
  const denominators = new Float64Array(groups * heads).fill(smooth);
  forEachVoxel(layout, (voxel, first) => {
    const label = labels[voxel] ?? 0;
    if (!reader.counts(label)) return;
    const group = (groups === 1 ? 0 : Math.floor(voxel / voxels)) * heads;
    for (let head = 0; head < heads; head++) {
      const p = probabilities[first + head * voxels] ?? 0;
      const isIn = reader.isIn(label, head);
      numerators[group + head] = (numerators[group + head] ?? 0) + 2 * p * isIn;
      denominators[group + head] = (denominators[group + head] ?? 0) + p + isIn;
    }
  });
  let sum = 0;
  for (let i = 0; i < groups * heads; i++)
    if (i % heads >= reader.firstDiceHead) sum += (numerators[i] ?? 0) / (denominators[i] ?? 1);
  const terms = groups * (heads - reader.firstDiceHead);
  return { groups, numerators, denominators, mean: sum / terms, terms };
}

function lossGradient(
  probabilities: Float64Array,
  labels: Int16Array,
  layout: Layout,
  reader: TargetReader,
  dice: DiceTerms,
  crossEntropyTerms: number,
): Float32Array {
  const { heads, voxels } = layout;
  const gradient = new Float32Array(probabilities.length);
  const slopes = new Float64Array(heads);
  forEachVoxel(layout, (voxel, first) => {
    const label = labels[voxel] ?? 0;
    if (!reader.counts(label)) return;
    const group = dice.groups === 1 ? 0 : Math.floor(voxel / voxels);
    let expectation = 0;
    for (let head = 0; head < heads; head++) {
      const counted = head >= reader.firstDiceHead;
      slopes[head] = counted ? -diceSlope(dice, group * heads + head, reader.isIn(label, head)) : 0;
      expectation += (slopes[head] ?? 0) * (probabilities[first + head * voxels] ?? 0);
    }
    for (let head = 0; head < heads; head++) {
      const at = first + head * voxels;
      const p = probabilities[at] ?? 0;
      const slope = slopes[head] ?? 0;
      const ofDice = reader.exclusive ? p * (slope - expectation) : p * (1 - p) * slope;
      gradient[at] = (p - reader.isIn(label, head)) / crossEntropyTerms + ofDice;
    }
  });
  return gradient;
}

/** Derivative of the mean ratio by one voxel's probability of a head. */
function diceSlope({ numerators, denominators, terms }: DiceTerms, at: number, isIn: number): number {
  const denominator = denominators[at] ?? 1;
  return (2 * isIn * denominator - (numerators[at] ?? 0)) / denominator ** 2 / terms;
}
