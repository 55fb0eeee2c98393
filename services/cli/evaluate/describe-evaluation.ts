import { counted } from '#core/counted.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { labelKey } from '#core/dataset/label-or-region.ts';
import { targetNames } from '#core/dataset/labels.ts';
import type { FurtherMetrics } from '#core/evaluation/further-metrics.ts';
import type { Summary } from '#core/evaluation/summary.ts';
import { orNull, printed } from './printed-metric.ts';

/** An evaluation with what nnU-Net's summary has no place for. */
export interface Evaluation {
  readonly summary: Summary;
  /** Means over cases, in the order of the summary's labels. */
  readonly further: readonly FurtherMetrics[];
  /** Where the summary was written. */
  readonly file: string;
  /** Whether surfaces were measured. */
  readonly hasSurface: boolean;
}

/** For scripts; what is no number is `null`. */
export const evaluationJson = (evaluation: Evaluation) => ({
  summary: evaluation.file,
  cases: evaluation.summary.cases.length,
  meanDice: orNull(evaluation.summary.foregroundMean.dice),
  labels: Object.fromEntries(evaluation.summary.labels.map((label, i) => [labelKey(label), scores(evaluation, i)])),
});

function scores({ summary, further, hasSurface }: Evaluation, label: number) {
  const { dice, iou } = summary.mean[label] ?? summary.foregroundMean;
  const { hd95 = Number.NaN, surfaceDice = Number.NaN, ...others } = further[label] ?? {};
  const shown = { dice, iou, ...others, ...(hasSurface ? { hd95, surfaceDice } : {}) };
  return Object.fromEntries(Object.entries(shown).map(([name, value]) => [name, orNull(value)]));
}

/** @param dataset names the labels, where it is known. */
export function evaluationTable(evaluation: Evaluation, dataset: DatasetDescription | null): string {
  const { summary, file, hasSurface } = evaluation;
  const names = dataset === null ? [] : targetNames(dataset);
  const header = ['', 'Dice', 'IoU', 'precision', 'recall', 'Δ volume [ml]', ...(hasSurface ? SURFACE_COLUMNS : [])];
  const rows = summary.labels.map((label, i) => [
    names[i] === undefined ? labelKey(label) : `${labelKey(label)} ${names[i]}`,
    ...cells(evaluation, i),
  ]);
  const { dice, iou } = summary.foregroundMean;
  const table = [header, ...rows, ['foreground mean', printed(dice), printed(iou)]];
  const widths = header.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  const written = `${counted(summary.cases.length, 'case')}; written to ${file}`;
  return [...table.map(line), ...NOTES, written, ''].join('\n');
}

function cells({ summary, further, hasSurface }: Evaluation, label: number): string[] {
  const one = further[label];
  const mean = summary.mean[label];
  if (one === undefined || mean === undefined) return [];
  const volume = `${one.volumeDifferenceMl > 0 ? '+' : ''}${printed(one.volumeDifferenceMl, 2)}`;
  const overlap = [printed(mean.dice), printed(mean.iou), printed(one.precision), printed(one.recall), volume];
  return hasSurface ? [...overlap, printed(one.hd95, 2), printed(one.surfaceDice)] : overlap;
}

const NOTES = [
  'A dash: there is no number, as for the precision of a label that nothing was predicted as. Δ: predicted minus reference.',
  'Each label: the mean over the cases with a number. Foreground mean: over all labels but the background; a dash if one has none.',
];

const SURFACE_COLUMNS = ['HD95 [mm]', 'surface Dice'];
