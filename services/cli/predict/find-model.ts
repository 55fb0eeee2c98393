import { readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { BadInputError } from '#core/errors.ts';
import { type Home, modelFolder } from '../home.ts';

/** Thrown when `-m` is neither a model of the home nor a model's folder. */
export class ModelNotFoundError extends BadInputError {
  readonly code = 'MODEL_NOT_FOUND';
}

/**
 * The folder of a model.
 *
 * @param model a name in the home, or a path. A name without a slash is looked up in the home first.
 * @throws {ModelNotFoundError} naming the models that the home has.
 */
export async function findModel(model: string, home: Home): Promise<string> {
  const named = model.includes('/') ? [] : [modelFolder(home, model)];
  for (const folder of [...named, resolve(model)]) if (await isModel(folder)) return folder;
  const published = await modelNames(home);
  const known = published.length > 0 ? `it has ${published.join(', ')}` : 'it has none';
  throw new ModelNotFoundError(
    `there is no model '${model}': neither a folder with a model.json nor a model in the home ${home.root}; ${known}`,
  );
}

const isModel = (folder: string): Promise<boolean> =>
  stat(join(folder, 'model.json')).then(
    (found) => found.isFile(),
    () => false,
  );

async function modelNames(home: Home): Promise<string[]> {
  const entries = await readdir(dirname(modelFolder(home, 'any'))).catch(() => []);
  const models = await Promise.all(entries.map((name) => isModel(modelFolder(home, name))));
  return entries.filter((_, i) => models[i]).sort();
}
