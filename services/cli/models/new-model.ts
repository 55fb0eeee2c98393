import { join } from 'node:path';
import { BadInputError } from '#core/errors.ts';
import { writeDurably } from '#files/durable-file.ts';
import { sha256 } from '#formats/digest.ts';
import { encodeJson } from '#formats/indented-json.ts';
import { type ModelDescription, modelSchema } from '#prediction/model-json.ts';
import { type Home, modelFolder } from '../home.ts';
import { makeWholeFolder } from '../label-maps/new-folder.ts';
import { isModel } from '../predict/find-model.ts';

/** Thrown when a name for a model is taken. */
export class ModelExistsError extends BadInputError {
  readonly code = 'MODEL_EXISTS';
}

/** Puts a file into a model that is being made, by its path below the model's folder. */
export type AddFile = (path: string, content: Uint8Array) => Promise<void>;

/**
 * Puts a model into a home, whole or not at all.
 *
 * @param fill adds the files, and says what `model.json` is to hold beside their digests.
 * @throws {ModelExistsError} when the home has a model of this name.
 */
export async function addModel(
  home: Home,
  name: string,
  fill: (add: AddFile) => Promise<Omit<ModelDescription, 'files'>>,
): Promise<{ folder: string; model: ModelDescription }> {
  const folder = modelFolder(home, name);
  if (await isModel(folder))
    throw new ModelExistsError(
      `there is a model '${name}' in the home ${home.root} already; choose another name or remove ${folder}`,
    );
  const model = await makeWholeFolder(folder, async (partial) => {
    const files: Record<string, { sha256: string; bytes: number }> = {};
    const description = await fill(async (path, content) => {
      await writeDurably(join(partial, path), content);
      files[path] = { sha256: sha256(content), bytes: content.length };
    });
    const whole = modelSchema.parse({ ...description, files });
    await writeDurably(join(partial, 'model.json'), encodeJson(whole));
    return whole;
  });
  return { folder, model };
}
