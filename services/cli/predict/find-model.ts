import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import { orAbsent } from '#files/or-absent.ts';
import { UnusableModelError } from '#prediction/unusable-model-error.ts';
import { type Home, modelFolder } from '../home.ts';

/** Thrown when `-m` is neither a model of the home nor a model's folder. */
export class ModelNotFoundError extends BadInputError {
  readonly code = 'MODEL_NOT_FOUND';
}

export interface FoundModel {
  readonly folder: string;
  /** `null` for a folder that no home knows. */
  readonly version: number | null;
}

/**
 * The folder of a model, and which version it is.
 *
 * @param model a name in the home, or a path. A name without a slash is looked up in the home first.
 * @throws {ModelNotFoundError} naming the models that the home has.
 * @throws {UnusableModelError} when the Model's own file in the home is damaged.
 */
export async function findModel(model: string, home: Home): Promise<FoundModel> {
  const named = model.includes('/') ? null : modelFolder(home, model);
  if (named !== null && (await isModel(named))) return { folder: named, version: await versionOf(named) };
  if (await isModel(resolve(model))) return { folder: resolve(model), version: null };
  const published = await modelNames(home);
  const known = published.length > 0 ? `it has ${published.join(', ')}` : 'it has none';
  throw new ModelNotFoundError(
    `there is no model '${model}': neither a folder with a model.json nor a model in the home ${home.root}; ${known}`,
  );
}

/** Whether a folder has a `model.json`. */
export const isModel = (folder: string): Promise<boolean> =>
  stat(join(folder, 'model.json')).then(
    (found) => found.isFile(),
    () => false,
  );

/** As the Model object beside the folder says; `null` where somebody put a folder there by hand. */
async function versionOf(folder: string): Promise<number | null> {
  const file = `${folder}.json`;
  const text = await orAbsent(() => readFile(file, 'utf8'));
  if (text === undefined) return null;
  try {
    return z.object({ spec: z.object({ version: z.int() }) }).parse(JSON.parse(text)).spec.version;
  } catch (cause) {
    throw new UnusableModelError(`${file} is damaged; run the model's Task again, which makes it anew`, { cause });
  }
}

async function modelNames(home: Home): Promise<string[]> {
  const entries = await readdir(dirname(modelFolder(home, 'any'))).catch(() => []);
  const models = await Promise.all(entries.map((name) => isModel(modelFolder(home, name))));
  return entries.filter((_, i) => models[i]).sort();
}
