import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { caseFaults, DatasetFaultError } from '#core/dataset/integrity.ts';
import { BadInputError } from '#core/errors.ts';
import { imageKindMismatch, type PlannedKind } from '#core/inference/image-kind.ts';
import type { CaseFiles } from '#datasets/dataset-layout.ts';
import { readCase } from '#datasets/read-case.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { imageEnding } from '#formats/image-file-name.ts';
import type { ImageEnding } from '#formats/image-format.ts';
import { encodeNpz } from '#formats/npz.ts';
import type { Inference } from '#prediction/inference-json.ts';
import type { Prediction, PredictionWish, RawCase } from '#prediction/predictor.ts';
import { FileUnusableError } from '../file.ts';
import { writeLabelMap } from '../label-maps/write-label-map.ts';
import type { CaseProblem, InputCases } from './input-cases.ts';
import type { PredictionFolders } from './input-folder.ts';

/** What is needed of a predictor; `Predictor` fits. */
export interface CasePredictor {
  readonly model: {
    readonly dataset: DatasetDescription;
    readonly plans: PlannedKind;
    readonly inference: Pick<Inference, 'members'>;
  };
  predict(raw: RawCase, want: PredictionWish): Promise<Prediction>;
}

export interface PredictFolderOptions extends PredictionFolders {
  readonly saveProbabilities: boolean;
  /** Leave alone the cases whose results are there. */
  readonly continues: boolean;
}

/** How one case ended. */
export type CaseOutcome =
  | { readonly kind: 'predicted'; readonly caseId: string; readonly file: string; readonly seconds: number }
  /** The result was there. */
  | { readonly kind: 'kept'; readonly caseId: string }
  | ({ readonly kind: 'failed' } & CaseProblem);

/** Told as things happen. */
export interface PredictionListener {
  /** Worth saying once. */
  note(message: string): void;
  began(caseId: string): void;
  /** So many networks are through with the case that began last. */
  networkDone(done: number, networks: number): void;
  ended(outcome: CaseOutcome): void;
}

/**
 * Predicts every case of a folder into `<case>.nii.gz`, or what its image ends in, on the grid of its input, one after the other.
 *
 * A case whose files are at fault, or whose image is not of the kind that the model was trained on, is told and passed over; the others are done all the same. A result is seen whole or
 * not at all.
 *
 * @param found what `readInputFolder` found in the input folder.
 */
export async function predictFolder(
  predictor: CasePredictor,
  found: InputCases,
  options: PredictFolderOptions,
  listener: PredictionListener,
): Promise<CaseOutcome[]> {
  if (found.unnumbered) listener.note('files without a channel number such as _0000 are taken as whole cases');
  if (!options.continues) await removeResults(found.cases, options.output);
  const outcomes: CaseOutcome[] = [];
  const end = (outcome: CaseOutcome) => {
    outcomes.push(outcome);
    listener.ended(outcome);
  };
  for (const problem of found.problems) end({ kind: 'failed', ...problem });
  for (const files of found.cases) {
    if (options.continues && (await hasResult(files, options))) {
      end({ kind: 'kept', caseId: files.caseId });
      continue;
    }
    listener.began(files.caseId);
    end(await predictFiles(predictor, files, options, listener));
  }
  return outcomes;
}

/** Whether any case has a result already. */
export async function hasAnyResult(cases: readonly CaseFiles[], output: string): Promise<boolean> {
  for (const files of cases) if (await hasResult(files, { output, saveProbabilities: false })) return true;
  return false;
}

/** Removes what an earlier prediction left of cases, so that it is not taken for this one's should this one end early. */
async function removeResults(cases: readonly CaseFiles[], output: string): Promise<void> {
  for (const files of cases) {
    for (const ending of [endingOf(files), '.npz']) await rm(join(output, `${files.caseId}${ending}`), { force: true });
  }
}

/** Whether everything asked for is there. Each file appears whole or not at all, so that being there is enough. */
async function hasResult(
  files: CaseFiles,
  { output, saveProbabilities }: Pick<PredictFolderOptions, 'output' | 'saveProbabilities'>,
): Promise<boolean> {
  const endings = [endingOf(files), ...(saveProbabilities ? ['.npz'] : [])];
  const found = await Promise.all(
    endings.map((ending) => orAbsent(() => stat(join(output, `${files.caseId}${ending}`)))),
  );
  return found.every((file) => file?.isFile());
}

/** A result is in the format of its first image. */
const endingOf = ({ images: [first = ''] }: CaseFiles): ImageEnding => imageEnding(first) ?? '.nii.gz';

async function predictFiles(
  predictor: CasePredictor,
  files: CaseFiles,
  { input, output, saveProbabilities }: PredictFolderOptions,
  listener: PredictionListener,
): Promise<CaseOutcome> {
  const { caseId } = files;
  const { dataset, plans, inference } = predictor.model;
  const start = performance.now();
  try {
    const raw = await readCase({ get: (name) => orAbsent(() => readRegularFile(join(input, name))) }, files, dataset);
    for (const warning of raw.warnings) listener.note(`case ${caseId}: ${warning}`);
    const faults = caseFaults(caseId, raw.image, null, dataset);
    const odd = imageKindMismatch(raw.image, plans, inference.members);
    if (odd?.kind === 'fault') faults.push({ caseId, kind: 'extent', message: odd.message });
    if (faults.length > 0) throw new DatasetFaultError(faults);
    if (odd !== null) listener.note(`case ${caseId}: ${odd.message}`);
    const { shape, segmentation, probabilities } = await predictor.predict(raw, {
      probabilities: saveProbabilities,
      networkDone: (done, networks) => listener.networkDone(done, networks),
    });
    if (probabilities === null) {
      // Those of an earlier prediction: ensemble would take them for this one's.
      await rm(join(output, `${caseId}.npz`), { force: true });
    } else {
      const heads = probabilities.length / segmentation.length;
      const arrays = new Map([['probabilities', { shape: [heads, ...shape], data: probabilities }]]);
      await writeDurably(join(output, `${caseId}.npz`), encodeNpz(arrays));
    }
    const { shape: extent, spacing } = raw.image;
    const grid = { shape: extent, spacing, geometry: raw.geometry };
    const file = await writeLabelMap(join(output, caseId), endingOf(files), segmentation, grid);
    return { kind: 'predicted', caseId, file, seconds: (performance.now() - start) / 1000 };
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    return { kind: 'failed', caseId, message: withoutCaseId(error) };
  }
}

/** A pipe or a device may never end. @throws {FileUnusableError} for one. */
async function readRegularFile(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (!found.isFile() && !found.isDirectory()) throw new FileUnusableError(`${path} is no regular file`);
  return readFile(path);
}

/** A dataset fault names its case, which the outcome does already. */
const withoutCaseId = (error: BadInputError): string =>
  error instanceof DatasetFaultError ? error.faults.map(({ message }) => message).join('; ') : error.message;
