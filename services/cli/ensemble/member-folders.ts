import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadInputError } from '#core/errors.ts';
import { product, type Shape } from '#core/geometry/axes.ts';
import type { Tensor } from '#core/network/tensor.ts';
import { orAbsent } from '#files/or-absent.ts';
import { isVisible } from '#formats/image-file-name.ts';
import { decodeNpz, NpzUnreadableError } from '#formats/npz.ts';
import { FileUnusableError } from '../file.ts';
import { FolderUnusableError, namesIn } from '../folder.ts';
import { listed } from '../label-maps/label-map-folder.ts';

/** Thrown when folders of probabilities do not fit together: other cases, another grid, other heads. */
export class MembersDifferError extends BadInputError {
  readonly code = 'MEMBERS_DIFFER';
}

const ENDING = '.npz';

/** So much larger than asked for, probabilities are still read, to be told by their shape: larger ones fill the memory. */
const MOST_TIMES_TOO_LARGE = 8;

/**
 * The cases of which every folder has probabilities, in the order of their names.
 *
 * @throws {FolderUnusableError} for a folder without any. @throws {MembersDifferError} naming what each folder lacks.
 */
export async function casesOfAll(folders: readonly string[]): Promise<string[]> {
  const found = await Promise.all(folders.map(casesIn));
  const all = [...new Set(found.flatMap((cases) => [...cases]))].sort();
  const problems = folders.flatMap((folder, i) => {
    const missing = all.filter((caseId) => !found[i]?.has(caseId));
    return missing.length === 0 ? [] : [`${folder} has no probabilities of ${listed(missing)}`];
  });
  if (problems.length > 0) throw new MembersDifferError(`${problems.join('; ')}; every folder needs the same cases`);
  return all;
}

async function casesIn(folder: string): Promise<ReadonlySet<string>> {
  const names = (await namesIn(folder)).filter((name) => isVisible(name) && name.endsWith(ENDING));
  if (names.length > 0) return new Set(names.map((name) => name.slice(0, -ENDING.length)));
  throw new FolderUnusableError(`there is no .npz file in ${folder}; predict with --save-probabilities`);
}

/**
 * Probabilities of a case in one folder, (heads, z, y, x).
 *
 * @throws {NpzUnreadableError} naming the file. @throws {MembersDifferError} when they are of another grid, or of other
 * heads than the data set has.
 */
export async function readProbabilities(
  folder: string,
  caseId: string,
  heads: number,
  grid: Shape<'zyx'>,
): Promise<Float32Array> {
  const file = join(folder, `${caseId}${ENDING}`);
  const bytes = await orAbsent(() => readFile(file));
  if (bytes === undefined) throw new FileUnusableError(`${file} is gone`);
  const wanted = [heads, ...grid];
  const { shape, data } = decodedFrom(file, bytes, MOST_TIMES_TOO_LARGE * product(wanted));
  if (shape.join() === wanted.join() && data.length === product(wanted)) return data;
  throw new MembersDifferError(
    `${file}: expected probabilities (heads, z, y, x) of ${wanted.join(' x ')}, as dataset.json and the label map of the first folder say, got ${shape.join(' x ')}`,
  );
}

function decodedFrom(file: string, bytes: Uint8Array, most: number): Tensor {
  try {
    return decodeNpz(bytes, 'probabilities', most);
  } catch (cause) {
    if (!(cause instanceof BadInputError)) throw cause;
    throw new NpzUnreadableError(`${file} cannot be read: ${cause.message}`, { cause });
  }
}
