import { taskManifest } from '#api/v1alpha1/kinds.ts';
import { readZip, ZipUnreadableError } from '#formats/zip.ts';
import { ModelFolder } from '#prediction/model-folder.ts';
import type { ModelDescription } from '#prediction/model-json.ts';
import { UnusableModelError } from '#prediction/unusable-model-error.ts';
import type { Home } from '../home.ts';
import { addModel } from '../models/new-model.ts';
import { wholeFile } from './whole-file.ts';

export interface ZipImport {
  readonly file: string;
  /** `null`: the name that the model has. */
  readonly name: string | null;
  readonly home: Home;
}

/**
 * Puts a model that travelled as a zip into the home. Only the files that its `model.json` lists are unpacked, none
 * to more than it says there, and each is compared with its digest. The zip may hold them in one folder.
 *
 * @throws {ZipUnreadableError} @throws {UnusableModelError} naming what is missing, damaged, or outside of the folder.
 */
export async function importZip({ file, name, home }: ZipImport): Promise<{ folder: string; model: ModelDescription }> {
  const entries = readZip(await bytesOf(file));
  const top = [...entries.keys()].map((path) => /^([^/]+\/)?model\.json$/.exec(path)).find((match) => match !== null);
  const model = await ModelFolder.open(async (path, most) => entries.get(`${top?.[1] ?? ''}${path}`)?.(most));
  const { files: listed, ...description } = model.description;
  return addModel(home, name ?? safeName(description.name), async (add) => {
    for (const path of Object.keys(listed)) await add(inside(path), await model.file(path));
    return { ...description, name: name ?? description.name };
  });
}

async function bytesOf(file: string): Promise<Uint8Array> {
  const bytes = await wholeFile(file);
  if (bytes === undefined) throw new ZipUnreadableError(`there is no file ${file}`);
  return bytes;
}

/** The name becomes a folder's. */
function safeName(name: string): string {
  if (taskManifest.shape.metadata.shape.name.safeParse(name).success) return name;
  throw new UnusableModelError(`model.json names the model '${name}', which is no name here; import it with --name`);
}

/** A path that cannot lead out of the model's folder. */
function inside(path: string): string {
  if (path.split('/').every((part) => /^[\w-][\w.-]*$/.test(part)) && path !== 'model.json') return path;
  throw new UnusableModelError(`model.json lists a file '${path}', which is no path inside of a model's folder`);
}
