/** A label, or a region: the union of several labels, evaluated as one. */
export type LabelOrRegion = number | readonly number[];

/** The label values that a label or region stands for. */
export const labelsOf = (target: LabelOrRegion): readonly number[] => (typeof target === 'number' ? [target] : target);

/**
 * The key of a label or region in nnU-Net's JSON files: `1`, or the region as Python prints a tuple, `(1, 2)`.
 *
 * @see nnU-Net v2, evaluation/evaluate_predictions.py, label_or_region_to_key
 */
export function labelKey(target: LabelOrRegion): string {
  if (typeof target === 'number') return String(target);
  return target.length === 1 ? `(${target[0]},)` : `(${target.join(', ')})`;
}

/** The label or region of a key as `labelKey` makes them. @throws {SyntaxError} */
export function labelOfKey(key: string): LabelOrRegion {
  if (/^\d+$/.test(key)) return Number(key);
  if (!/^\((\d+,|\d+(, \d+)+)\)$/.test(key))
    throw new SyntaxError(`'${key}' is no label or region, such as 1 or (1, 2)`);
  return (key.match(/\d+/g) ?? []).map(Number);
}
