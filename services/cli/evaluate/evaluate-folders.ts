import { allClose, type CaseFault, DatasetFaultError, gridFaults } from '#core/dataset/integrity.ts';
import type { LabelOrRegion } from '#core/dataset/label-or-region.ts';
import { BadInputError } from '#core/errors.ts';
import { evaluateCase } from '#core/evaluation/evaluate-case.ts';
import type { Metrics } from '#core/evaluation/metrics.ts';
import { type EvaluatedCase, type Summary, summarize } from '#core/evaluation/summary.ts';
import type { SurfaceComparison } from '#core/evaluation/surface-distance.ts';
import type { Rule } from '#core/postprocessing/rule.ts';
import { indexToWorldRas } from '#formats/nifti-geometry.ts';
import { applyRulesTo } from '../label-maps/apply-rules-to.ts';
import { CounterpartsMissingError } from '../label-maps/counterparts-missing-error.ts';
import { labelMapsIn, listed } from '../label-maps/label-map-folder.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';

/** Thrown when no labels are named or declared, and none occurs in the maps. */
export class NoLabelsError extends BadInputError {
  readonly code = 'NO_LABELS';
}

export interface EvaluateFoldersOptions {
  readonly references: string;
  readonly predictions: string;
  /** `null`: every label but 0 that occurs in either folder. */
  readonly labels: readonly LabelOrRegion[] | null;
  /** Voxels of this value in a reference count nowhere. */
  readonly ignore: number | null;
  /** Evaluate what is there even if some references have no prediction. */
  readonly chill: boolean;
  /** Postprocessing that the predictions get before they are compared. */
  readonly rules?: readonly Rule[];
  /** Told before each case. */
  readonly began?: (caseId: string, place: number, cases: number) => void;
  /** Told of each case, in order, as it is compared. */
  readonly compared?: (maps: ComparedMaps, metrics: readonly Metrics[]) => void;
}

/** What was compared: two label maps on one grid, and what counts. */
export interface ComparedMaps extends Omit<SurfaceComparison, 'toleranceMm'> {
  readonly labels: readonly LabelOrRegion[];
}

/**
 * Compares two folders of label maps, file by file of the same name, as `nnUNetv2_evaluate_folder` does.
 *
 * Every prediction needs its reference; every reference its prediction too, unless `chill`, since a mean over the cases
 * that happened to work says more than is true.
 *
 * @param note is told what is odd but no fault: another position in space, references left out.
 * @throws {FolderUnusableError} for a folder that is not there or has no image, or two of one case.
 * @throws {CounterpartsMissingError} naming files without a counterpart.
 * @throws {NoLabelsError} when nothing says what to evaluate.
 * @throws {DatasetFaultError} with every case whose maps cannot be read or lie on different grids.
 */
export async function evaluateFolders(
  options: EvaluateFoldersOptions,
  note: (message: string) => void,
): Promise<Summary> {
  const pairs = await filePairs(options, note);
  const faults: CaseFault[] = [];
  const labels = options.labels ?? (await labelsFound(pairs));
  const cases: EvaluatedCase[] = [];
  for (const [i, pair] of pairs.entries()) {
    options.began?.(pair.caseId, i + 1, pairs.length);
    const maps = await readPair(pair, options.rules ?? [], note).catch((error: unknown) => {
      if (!(error instanceof DatasetFaultError)) throw error;
      faults.push(...error.faults);
      return null;
    });
    if (maps === null) continue;
    const metrics = evaluateCase(maps.prediction, maps.reference, labels, options.ignore);
    if (metrics.every(({ dice }) => Number.isNaN(dice)))
      note(`case ${pair.caseId}: neither prediction nor reference has any of the labels; it counts for no mean`);
    options.compared?.({ ...maps, labels, ignoreLabel: options.ignore }, metrics);
    cases.push({ predictionFile: pair.prediction, referenceFile: pair.reference, metrics });
  }
  if (faults.length > 0) throw new DatasetFaultError(faults);
  if (labels.length === 0) throw new NoLabelsError('no label but 0 occurs; name some with --labels');
  return summarize(labels, cases);
}

type Maps = Pick<ComparedMaps, 'prediction' | 'reference' | 'shape' | 'spacing'>;

interface FilePair {
  readonly caseId: string;
  readonly prediction: string;
  readonly reference: string;
}

async function filePairs(
  { references, predictions, chill }: EvaluateFoldersOptions,
  note: (message: string) => void,
): Promise<FilePair[]> {
  const [reference, prediction] = [await labelMapsIn(references), await labelMapsIn(predictions)];
  const unknown = [...prediction.keys()].filter((caseId) => !reference.has(caseId));
  const missing = [...reference.keys()].filter((caseId) => !prediction.has(caseId));
  const problems = [
    ...(unknown.length === 0 ? [] : [`no reference in ${references} for ${listed(unknown)}`]),
    ...(missing.length === 0 || chill
      ? []
      : [`no prediction in ${predictions} for ${listed(missing)}; predict them, or pass --chill to leave them out`]),
  ];
  if (problems.length > 0) throw new CounterpartsMissingError(problems.join('; '));
  if (missing.length > 0) note(`left out, since there is no prediction: ${listed(missing)}`);
  return [...prediction].map(([caseId, file]) => ({
    caseId,
    prediction: file,
    reference: reference.get(caseId) ?? '',
  }));
}

/** Labels but 0 that occur in any map, ascending. Maps that cannot be read are passed over here and told later. */
async function labelsFound(pairs: readonly FilePair[]): Promise<number[]> {
  const found = new Set<number>();
  for (const { caseId, prediction, reference } of pairs) {
    for (const file of [prediction, reference]) {
      const map = await readLabelMap(caseId, file, 'it').catch(passOverFault);
      for (const label of new Set(map?.labels)) found.add(label);
    }
  }
  found.delete(0);
  return [...found].sort((a, b) => a - b);
}

function passOverFault(error: unknown): null {
  if (error instanceof DatasetFaultError) return null;
  throw error;
}

async function readPair(
  { caseId, prediction, reference }: FilePair,
  rules: readonly Rule[],
  note: (message: string) => void,
): Promise<Maps> {
  const maps = [
    await readLabelMap(caseId, prediction, 'the prediction'),
    await readLabelMap(caseId, reference, 'the reference'),
  ] as const;
  const faults = gridFaults(caseId, maps);
  if (faults.length > 0) throw new DatasetFaultError(faults);
  const [predicted, actual] = maps;
  const { shape, spacing } = actual;
  if (!allClose(indexToWorldRas(predicted.geometry), indexToWorldRas(actual.geometry)))
    note(`case ${caseId}: prediction and reference differ in position or orientation; compared voxel by voxel`);
  return { prediction: applyRulesTo(caseId, predicted, rules), reference: actual.labels, shape, spacing };
}
