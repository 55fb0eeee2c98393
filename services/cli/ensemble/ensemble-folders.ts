import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { labelMap } from '#core/dataset/label-map.ts';
import { type LabelScheme, labelScheme } from '#core/dataset/labels.ts';
import { joinProbabilities, type Voting } from '#core/ensembling/voting.ts';
import { writeDurably } from '#files/durable-file.ts';
import { imageEnding } from '#formats/image-file-name.ts';
import { encodeNpz } from '#formats/npz.ts';
import { declaredDataset } from '../evaluate/declared-labels.ts';
import { FolderUnusableError } from '../folder.ts';
import { labelMapsIn } from '../label-maps/label-map-folder.ts';
import { makeWholeFolder } from '../label-maps/new-folder.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';
import { writeLabelMap } from '../label-maps/write-label-map.ts';
import { casesOfAll, readProbabilities } from './member-folders.ts';

export interface EnsembleRequest {
  /** Folders that `predict --save-probabilities` or nnU-Net wrote, in the order in which they are added up. */
  readonly folders: readonly string[];
  readonly output: string;
  readonly voting: Voting;
  readonly saveProbabilities: boolean;
  /** Told before each case. */
  readonly began?: (caseId: string, place: number, cases: number) => void;
}

/**
 * Joins the probabilities of several folders into one folder of label maps, as `nnUNetv2_ensemble` does. One case of all
 * folders is in memory at a time. The output is there whole or not at all.
 *
 * The first folder's label map of a case says where the result lies and in which format. The dataset.json in or beside a
 * folder says what the heads mean; it is copied to the output where a folder has one.
 *
 * @returns the cases.
 * @throws {MembersDifferError} when the folders do not fit together.
 * @throws {FolderUnusableError} when a folder lacks what is needed, or the output is not empty.
 */
export async function ensembleFolders(request: EnsembleRequest): Promise<string[]> {
  const { folders, output } = request;
  const cases = await casesOfAll(folders);
  const dataset = await declaredDataset(folders);
  if (dataset === null)
    throw new FolderUnusableError(`there is no dataset.json in or beside ${folders.join(', ')}; put it into one`);
  const maps = await labelMapsIn(folders[0] ?? '');
  await makeWholeFolder(output, async (folder) => {
    for (const [i, caseId] of cases.entries()) {
      request.began?.(caseId, i + 1, cases.length);
      await joinCase(caseId, maps.get(caseId), labelScheme(dataset), folder, request);
    }
    await copyDescriptions(folders, folder);
  });
  return cases;
}

async function joinCase(
  caseId: string,
  map: string | undefined,
  labels: LabelScheme,
  output: string,
  { folders, voting, saveProbabilities }: EnsembleRequest,
): Promise<void> {
  if (map === undefined)
    throw new FolderUnusableError(`${folders[0]} has no label map of ${caseId}, which says where it lies`);
  const grid = await readLabelMap(caseId, map, 'the prediction');
  const members: Float32Array[] = [];
  for (const folder of folders) members.push(await readProbabilities(folder, caseId, labels.heads, grid.shape));
  const joined = joinProbabilities(voting, members, labels);
  if (saveProbabilities) {
    const arrays = new Map([['probabilities', { shape: [labels.heads, ...grid.shape], data: joined }]]);
    await writeDurably(join(output, `${caseId}.npz`), encodeNpz(arrays));
  }
  await writeLabelMap(join(output, caseId), imageEnding(map) ?? '.nii.gz', labelMap(joined, labels), grid);
}

/** What later commands look for beside label maps. */
const DESCRIPTIONS = ['dataset.json', 'plans.json'];

async function copyDescriptions(folders: readonly string[], output: string): Promise<void> {
  for (const name of DESCRIPTIONS) {
    for (const folder of folders) {
      if (!(await readdir(folder)).includes(name)) continue;
      await copyFile(join(folder, name), join(output, name));
      break;
    }
  }
}
