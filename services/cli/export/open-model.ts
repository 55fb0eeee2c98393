import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { orAbsent } from '#files/or-absent.ts';
import { ModelFolder } from '#prediction/model-folder.ts';
import type { Home } from '../home.ts';
import { findModel } from '../predict/find-model.ts';

/** Opens a model by its name in the home or its folder. @throws {ModelNotFoundError} naming those that the home has. */
export async function openModel(model: string, home: Home): Promise<ModelFolder> {
  const { folder } = await findModel(model, home);
  return ModelFolder.open((path) => orAbsent(() => readFile(join(folder, path))));
}
