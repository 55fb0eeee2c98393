import { join } from 'node:path';
import { imageEnding, isVisible, stemOf } from '#formats/image-file-name.ts';
import { FolderUnusableError, namesIn } from '../folder.ts';

/** Paths of a folder's label maps by case, in the order of their names. @throws {FolderUnusableError} without any, or for two of one case. */
export async function labelMapsIn(folder: string): Promise<Map<string, string>> {
  const names = (await namesIn(folder)).filter((name) => isVisible(name) && imageEnding(name) !== undefined);
  if (names.length === 0) throw new FolderUnusableError(`there is no image file in ${folder}`);
  const maps = new Map(names.map((name) => [stemOf(name), join(folder, name)]));
  const twice = names.filter((name) => maps.get(stemOf(name)) !== join(folder, name)).map(stemOf);
  if (twice.length > 0) throw new FolderUnusableError(`${folder} has two files of ${listed(twice)}; keep one of each`);
  return maps;
}

const SHOWN = 20;

/** Cases for a message, which a thousand of them would hide. */
export const listed = (caseIds: readonly string[]): string =>
  caseIds.length <= SHOWN
    ? caseIds.join(', ')
    : `${caseIds.slice(0, SHOWN).join(', ')} and ${caseIds.length - SHOWN} more`;
