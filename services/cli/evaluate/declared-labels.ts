import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { orAbsent } from '#files/or-absent.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';

/**
 * What the first dataset.json in or beside one of the folders says, `null` when there is none.
 *
 * @param folders in the order in which they are looked into.
 * @throws {InvalidDatasetError} when it is there but not understood.
 */
export async function declaredDataset(folders: readonly string[]): Promise<DatasetDescription | null> {
  for (const folder of folders.flatMap((path) => [resolve(path), dirname(resolve(path))])) {
    const bytes = await orAbsent(() => readFile(join(folder, 'dataset.json')));
    if (bytes !== undefined) return parseDatasetJson(new TextDecoder().decode(bytes)).description;
  }
  return null;
}
