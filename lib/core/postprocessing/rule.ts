import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { keepLargestComponents } from './largest-components.ts';

/** One step of postprocessing: keep only the largest component of a label, or of several labels together. */
export interface Rule {
  readonly keepLargestOf: LabelOrRegion;
}

/** A label map after all rules, one after the other. Without rules it is a copy. */
export const applyRules = (
  labels: Uint8Array,
  shape: readonly [number, number, number],
  rules: readonly Rule[],
): Uint8Array<ArrayBuffer> =>
  rules.reduce((map, rule) => keepLargestComponents(map, shape, rule.keepLargestOf), Uint8Array.from(labels));
