// From logits on the network's grid back to the raw image's: resample, paste into the crop box, undo the order of axes.
// One head is resampled at a time, so that beside input and result only one head's volume is held.

import { overwriteWhere, sigmoid } from '#core/dataset/label-map.ts';
import type { LabelScheme } from '#core/dataset/labels.ts';
import { fromNet, product, type Shape, shapeNet, spacingNet } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import type { ConfigurationPlan, Plans } from '#core/planning/plans.ts';
import { configurationSpacing } from '#core/preprocessing/preprocess-case.ts';
import type { CropAndResampleRecord } from '#core/preprocessing/preprocessed-case.ts';
import { resampleChannel } from '#core/preprocessing/resampling.ts';
import { netStrides } from '#core/preprocessing/transpose.ts';

type NeededPlans = Pick<Plans, 'transposeForward'>;
type NeededConfiguration = Pick<ConfigurationPlan, 'spacing' | 'resampleProbabilities'>;

/**
 * Probabilities on the raw image's grid: of a softmax, or with regions of a sigmoid each.
 *
 * The logits are resampled, then made probabilities. Outside the crop box background has probability 1, a region 0.
 *
 * @param logits (heads, ...net), the mean over folds, on the preprocessed grid.
 * @param record of the case's preprocessing.
 * @returns (heads, z, y, x), for each voxel adding up to 1 unless there are regions.
 * @throws {RangeError} when the logits have no head or not three spatial axes.
 * @see nnU-Net v2, inference/export_prediction.py, convert_predicted_logits_to_segmentation_with_correct_shape
 */
export function restoreProbabilities(
  logits: Tensor,
  record: CropAndResampleRecord,
  plans: NeededPlans,
  configuration: NeededConfiguration,
  { classOrder }: Pick<LabelScheme, 'classOrder'>,
): Float32Array {
  const { heads, resampled } = headsOnCrop(logits, record, configuration);
  const rows = rowsInRawArray(record, plans);
  const out = new Float32Array(heads * rows.voxels);
  if (classOrder === null) out.fill(1, 0, rows.voxels);
  for (let head = 0; head < heads; head++) {
    const cropped = resampled(head);
    const raw = out.subarray(head * rows.voxels, (head + 1) * rows.voxels);
    rows.forEach((from, to) => {
      for (let i = 0; i < rows.length; i++) raw[to + i * rows.step] = cropped[from + i] as number;
    });
  }
  const activate = classOrder === null ? softmaxInPlace : sigmoidInPlace;
  rows.forEach((_, start) => {
    for (let i = 0; i < rows.length; i++) activate(out, start + i * rows.step, rows.voxels, heads);
  });
  return out;
}

/** Logits of one voxel, `apart` from head to head, made probabilities. */
function softmaxInPlace(values: Float32Array, at: number, apart: number, heads: number): void {
  const end = at + heads * apart;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = at; i < end; i += apart) highest = Math.max(highest, values[i] as number);
  let sum = 0;
  for (let i = at; i < end; i += apart) {
    const power = Math.exp((values[i] as number) - highest); // at most 1: cannot overflow
    values[i] = power;
    sum += power;
  }
  for (let i = at; i < end; i += apart) values[i] = (values[i] as number) / sum;
}

function sigmoidInPlace(values: Float32Array, at: number, apart: number, heads: number): void {
  for (let i = at; i < at + heads * apart; i += apart) values[i] = sigmoid(values[i] as number);
}

/**
 * The label map on the raw image's grid, by the rules of `labelMapOfLogits` on the resampled logits; 0 outside the crop
 * box. Takes a fraction of the memory of the probabilities.
 *
 * @param logits (heads, ...net), the mean over folds, on the preprocessed grid.
 * @returns (z, y, x).
 * @throws {RangeError} as `restoreProbabilities`, and for more than 256 heads.
 */
export function restoreSegmentation(
  logits: Tensor,
  record: CropAndResampleRecord,
  plans: NeededPlans,
  configuration: NeededConfiguration,
  { classOrder }: Pick<LabelScheme, 'classOrder'>,
): Uint8Array {
  const { heads, resampled } = headsOnCrop(logits, record, configuration);
  if (heads > 256) throw new RangeError(`a label map of bytes holds 256 classes, got ${heads}`);
  const labels = classOrder === null ? highestOf(heads, resampled) : lastAbove(classOrder, resampled);
  const rows = rowsInRawArray(record, plans);
  const out = new Uint8Array(rows.voxels);
  rows.forEach((from, to) => {
    for (let i = 0; i < rows.length; i++) out[to + i * rows.step] = labels[from + i] as number;
  });
  return out;
}

function highestOf(heads: number, resampled: (head: number) => Float32Array): Uint8Array {
  const best = new Float32Array(resampled(0));
  const labels = new Uint8Array(best.length);
  for (let head = 1; head < heads; head++) {
    const scores = resampled(head);
    for (let i = 0; i < best.length; i++) {
      if ((scores[i] as number) <= (best[i] as number)) continue;
      best[i] = scores[i] as number;
      labels[i] = head;
    }
  }
  return labels;
}

function lastAbove(classOrder: readonly number[], resampled: (head: number) => Float32Array): Uint8Array {
  const labels = new Uint8Array(resampled(0).length);
  for (const [region, label] of classOrder.entries())
    overwriteWhere(labels, label, resampled(region), (logit) => sigmoid(logit) > 0.5);
  return labels;
}

/** The heads one by one on the grid of the crop, network order. */
function headsOnCrop(
  { shape, data }: Tensor,
  { shapeAfterCropping, spacingBefore }: CropAndResampleRecord,
  configuration: NeededConfiguration,
): { heads: number; resampled: (head: number) => Float32Array } {
  const [heads = 0, a = 0, b = 0, c = 0] = shape;
  if (shape.length !== 4 || heads < 1)
    throw new RangeError(`expected logits (heads, ...net), got ${shape.join(' x ')}`);
  const toSpacing = spacingNet(...spacingBefore);
  const change = {
    fromShape: shapeNet(a, b, c),
    fromSpacing: configurationSpacing(toSpacing, configuration),
    toShape: shapeNet(...shapeAfterCropping),
    toSpacing,
  };
  const voxels = a * b * c;
  return {
    heads,
    resampled: (head) =>
      resampleChannel(data.subarray(head * voxels, (head + 1) * voxels), change, configuration.resampleProbabilities),
  };
}

interface Rows {
  /** Of the whole raw array. */
  readonly voxels: number;
  /** Voxels in a row, along the last network axis. */
  readonly length: number;
  /** From one voxel of a row to the next, in the raw array. */
  readonly step: number;
  /** Visits every row of the crop with its start in the crop and in the raw (z, y, x) array. */
  forEach(visit: (inCrop: number, inRaw: number) => void): void;
}

function rowsInRawArray(
  { shapeBeforeCropping, shapeAfterCropping, cropBox }: CropAndResampleRecord,
  { transposeForward }: NeededPlans,
): Rows {
  const raw: Shape<'zyx'> = fromNet(shapeNet(...shapeBeforeCropping), transposeForward);
  const [s0, s1, step] = netStrides(raw, transposeForward);
  const [n0, n1, length] = shapeAfterCropping;
  const [[a0], [b0], [c0]] = cropBox;
  return {
    voxels: product(raw),
    length,
    step,
    forEach: (visit) => {
      for (let a = 0; a < n0; a++) {
        for (let b = 0; b < n1; b++) visit((a * n1 + b) * length, (a + a0) * s0 + (b + b0) * s1 + c0 * step);
      }
    },
  };
}
