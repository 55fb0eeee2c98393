import { type LabelOrRegion, labelsOf } from '#core/dataset/label-or-region.ts';
import { type Metrics, metricsOf } from './metrics.ts';

/**
 * Compares a predicted label map with its reference, label by label, on the raw grid.
 *
 * Voxels whose reference is `ignoreLabel` count nowhere. One pass over the voxels, however many labels there are.
 *
 * @param prediction label values 0..65535, any order that `reference` shares.
 * @param reference as many values as `prediction`.
 * @param labels what to evaluate; the background only if it is named.
 * @returns one entry per entry of `labels`, in their order.
 * @throws {RangeError} if the two differ in length.
 * @see nnU-Net v2, evaluation/evaluate_predictions.py, compute_metrics
 */
export function evaluateCase(
  prediction: ArrayLike<number>,
  reference: ArrayLike<number>,
  labels: readonly LabelOrRegion[],
  ignoreLabel: number | null = null,
): Metrics[] {
  if (prediction.length !== reference.length)
    throw new RangeError(`prediction has ${prediction.length} voxels, its reference ${reference.length}`);
  const values = new LabelIndex([...labels.flatMap(labelsOf), ...(ignoreLabel === null ? [] : [ignoreLabel])]);
  const joint = jointHistogram(prediction, reference, values);
  const ignored = ignoreLabel === null ? -1 : values.indexOf(ignoreLabel);
  return labels.map((target) => {
    const members = new Set(labelsOf(target).map((value) => values.indexOf(value)));
    return metricsOf(countsOf(joint, values.size, members, ignored));
  });
}

/** Numbers the label values of interest 1, 2, …; every other value is 0. Keeps the joint histogram small. */
class LabelIndex {
  readonly size: number;
  readonly #table = new Uint16Array(65536);

  constructor(values: readonly number[]) {
    const distinct = [...new Set(values)];
    distinct.forEach((value, i) => {
      this.#table[value & 0xffff] = i + 1;
    });
    this.size = distinct.length + 1;
  }

  indexOf(value: number): number {
    return this.#table[value & 0xffff] as number;
  }
}

/** Voxels per (predicted, reference) pair of numbered labels, row = predicted. */
function jointHistogram(
  prediction: ArrayLike<number>,
  reference: ArrayLike<number>,
  values: LabelIndex,
): Float64Array<ArrayBuffer> {
  const joint = new Float64Array(values.size ** 2);
  for (let i = 0; i < prediction.length; i++) {
    const cell = values.indexOf(prediction[i] as number) * values.size + values.indexOf(reference[i] as number);
    joint[cell] = (joint[cell] as number) + 1;
  }
  return joint;
}

function countsOf(joint: Float64Array, size: number, members: ReadonlySet<number>, ignored: number) {
  const counts = { truePositives: 0, falsePositives: 0, falseNegatives: 0, trueNegatives: 0 };
  for (let predicted = 0; predicted < size; predicted++) {
    for (let actual = 0; actual < size; actual++) {
      if (actual === ignored) continue;
      const voxels = joint[predicted * size + actual] as number;
      if (members.has(predicted)) counts[members.has(actual) ? 'truePositives' : 'falsePositives'] += voxels;
      else counts[members.has(actual) ? 'falseNegatives' : 'trueNegatives'] += voxels;
    }
  }
  return counts;
}
