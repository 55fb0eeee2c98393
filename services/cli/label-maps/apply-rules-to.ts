import { DatasetFaultError } from '#core/dataset/integrity.ts';
import { applyRules, type Rule } from '#core/postprocessing/rule.ts';
import type { ReadLabelMap } from './read-label-map.ts';

/** Labels of a map after all rules. @throws {DatasetFaultError} for labels above 255, which rules do not take. */
export function applyRulesTo(
  caseId: string,
  { labels, shape }: Pick<ReadLabelMap, 'labels' | 'shape'>,
  rules: readonly Rule[],
): ReadLabelMap['labels'] {
  if (rules.length === 0) return labels;
  if (labels instanceof Uint8Array) return applyRules(labels, shape, rules);
  const message = 'the prediction has labels above 255, which postprocessing does not take';
  throw new DatasetFaultError([{ caseId, kind: 'unreadable', message }]);
}
