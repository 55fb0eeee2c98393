import { readFileSync } from 'node:fs';
import type { Tensor } from '#core/network/tensor.ts';
import type { Target } from '#core/training/dice-cross-entropy.ts';
import type { TargetLabels } from '#core/training/loss-options.ts';
import { type NpyArray, readNpz } from './npy.ts';
import { sharedPath } from './shared.ts';

/** A loss as nnU-Net computed it; gradients with respect to the logits. */
export interface GoldenLoss {
  readonly logits: Tensor;
  readonly target: Target;
  readonly labels: TargetLabels;
  readonly batchDice: boolean;
  /** Of float32 logits. */
  readonly value: number;
  readonly valueOfFloat64: number;
  readonly gradient: NpyArray;
}

/**
 * Softmax and sigmoid losses, with and without an ignore label, in 2D and 3D, Dice per sample and over the batch. The file's
 * other losses (Dice alone, top-k) are parts of these or taken by no training.
 */
export const goldenLossIds = ['2d', '3d'].flatMap((dimensions) =>
  ['bd0', 'bd1'].flatMap((batchDice) =>
    ['dc_ce', 'dc_ce_ignore', 'dc_ce_all_ignored', 'dc_bce', 'dc_bce_ignore'].map(
      (loss) => `${dimensions}_${batchDice}_${loss}`,
    ),
  ),
);

/** @throws {RangeError} if the golden files have no such loss. */
export function goldenLoss(id: string): GoldenLoss {
  const arrays = readNpz(readFileSync(sharedPath('golden/losses/losses.npz')));
  const losses = JSON.parse(readFileSync(sharedPath('golden/losses/losses.json'), 'utf8')) as Loss[];
  const dimensions = id.slice(0, 2);
  const array = (name: string): NpyArray => {
    const found = arrays.get(name);
    if (!found) throw new RangeError(`losses.npz has no array ${name}`);
    return found;
  };
  const loss = losses.find((one) => one.id === id);
  if (!loss) throw new RangeError(`losses.json has no loss ${id}`);
  const logits = array(`${dimensions}_logits`);
  return {
    logits: { shape: logits.shape, data: Float32Array.from(logits.data) },
    ...targetOf(id, (name) => array(`${dimensions}_${name}`)),
    batchDice: id.includes('bd1'),
    value: loss.value,
    valueOfFloat64: loss.value_float64_logits,
    gradient: array(`${id}_grad`),
  };
}

interface Loss {
  readonly id: string;
  readonly value: number;
  readonly value_float64_logits: number;
}

function targetOf(id: string, array: (name: string) => NpyArray): { target: Target; labels: TargetLabels } {
  if (id.includes('bce'))
    return regionTarget(array('regions'), id.endsWith('ignore') ? array('regions_ignore_last') : null);
  const ignores = id.includes('ignore');
  const { shape, data } = array(ignores ? 'labels_ignore4' : 'labels');
  const labels = Int16Array.from(data);
  return {
    target: {
      shape: shape.filter((_, axis) => axis !== 1),
      data: id.endsWith('all_ignored') ? labels.fill(4) : labels,
    },
    labels: { regions: null, ignore: ignores ? 4 : null },
  };
}

/**
 * Labels that say which regions a voxel is in: bit r of a label is region r. nnU-Net has a channel per region, and in
 * `ignored` one more for the voxels that do not count, which become one label above all others.
 */
function regionTarget(regions: NpyArray, ignored: NpyArray | null): { target: Target; labels: TargetLabels } {
  const [samples = 0, count = 0, ...spatial] = regions.shape;
  const { data, shape } = ignored ?? regions;
  const channels = shape[1] ?? 0;
  const voxels = data.length / samples / channels;
  const none = 2 ** count;
  const labels = Int16Array.from({ length: samples * voxels }, (_, i) => {
    const at = (channel: number): number =>
      data[(Math.floor(i / voxels) * channels + channel) * voxels + (i % voxels)] ?? 0;
    if (ignored && at(count) === 1) return none;
    return Array.from({ length: count }, (_, region) => at(region) * 2 ** region).reduce((a, b) => a + b, 0);
  });
  const patterns = Array.from({ length: none }, (_, pattern) => pattern);
  return {
    target: { shape: [samples, ...spatial], data: labels },
    labels: {
      regions: Array.from({ length: count }, (_, region) => patterns.filter((pattern) => (pattern >> region) & 1)),
      ignore: ignored ? none : null,
    },
  };
}
