import { join } from 'node:path';
import { BadInputError } from '#core/errors.ts';
import { writeDurably } from '#files/durable-file.ts';
import { sha256 } from '#formats/digest.ts';
import { encodeJson } from '#formats/indented-json.ts';
import { type ModelDescription, modelSchema } from '#prediction/model-json.ts';
import { type Home, modelFolder } from '../home.ts';
import { isModel } from '../predict/find-model.ts';

/** Thrown when a name for a model is taken. */
export class ModelExistsError extends BadInputError {
  readonly code = 'MODEL_EXISTS';
}

/** A model that is being put into a home. It is none until `finish`: `model.json` is written last. */
export class NewModel {
  readonly folder: string;
  readonly #files: Record<string, { sha256: string; bytes: number }> = {};

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws {ModelExistsError} when the home has a model of this name. */
  static async in(home: Home, name: string): Promise<NewModel> {
    const folder = modelFolder(home, name);
    if (await isModel(folder))
      throw new ModelExistsError(
        `there is a model '${name}' in the home ${home.root} already; choose another name or remove ${folder}`,
      );
    return new NewModel(folder);
  }

  async add(path: string, content: Uint8Array): Promise<void> {
    await writeDurably(join(this.folder, path), content);
    this.#files[path] = { sha256: sha256(content), bytes: content.length };
  }

  async finish(description: Omit<ModelDescription, 'files'>): Promise<ModelDescription> {
    const whole = modelSchema.parse({ ...description, files: this.#files });
    await writeDurably(join(this.folder, 'model.json'), encodeJson(whole));
    return whole;
  }
}
