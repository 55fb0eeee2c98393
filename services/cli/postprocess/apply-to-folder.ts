import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from '#core/postprocessing/rule.ts';
import { orAbsent } from '#files/or-absent.ts';
import { imageEnding } from '#formats/image-file-name.ts';
import { applyRulesTo } from '../label-maps/apply-rules-to.ts';
import { labelMapsIn } from '../label-maps/label-map-folder.ts';
import { makeWholeFolder } from '../label-maps/new-folder.ts';
import { readLabelMap } from '../label-maps/read-label-map.ts';
import { writeLabelMap } from '../label-maps/write-label-map.ts';

/**
 * Writes every label map of a folder after the rules, on its grid and in its format; the dataset.json goes along. The
 * output is there whole or not at all.
 *
 * @returns the cases.
 * @throws {FolderUnusableError} for a folder without label maps, or an output that is not empty.
 * @throws {DatasetFaultError} for a map that cannot be read.
 */
export async function applyToFolder(input: string, output: string, rules: readonly Rule[]): Promise<string[]> {
  const maps = await labelMapsIn(input);
  await makeWholeFolder(output, async (folder) => {
    for (const [caseId, file] of maps) {
      const map = await readLabelMap(caseId, file, 'the prediction');
      const ending = imageEnding(file) ?? '.nii.gz';
      await writeLabelMap(join(folder, caseId), ending, applyRulesTo(caseId, map, rules), map);
    }
    await orAbsent(() => copyFile(join(input, 'dataset.json'), join(folder, 'dataset.json')));
  });
  return [...maps.keys()];
}
