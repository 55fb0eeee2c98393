import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ZipWriter } from '#formats/zip.ts';
import type { ModelFolder } from '#prediction/model-folder.ts';
import { checkNewFile, writeOutput } from '../file.ts';
import type { Home } from '../home.ts';
import { findModel } from '../predict/find-model.ts';
import { openModel } from './open-model.ts';

/**
 * Writes a model's folder as one new zip file, every file checked on the way. Equal models give equal bytes.
 *
 * @throws {FileUnusableError} for another ending than .zip, and for a file that is there already.
 */
export async function exportZip(name: string, home: Home, out: string): Promise<void> {
  await checkNewFile(out, '.zip');
  const model = await openModel(name, home);
  const { folder } = await findModel(name, home);
  const description = await readFile(join(folder, 'model.json'));
  await writeOutput(out, zipped(model, description));
}

async function* zipped(model: ModelFolder, description: Uint8Array): AsyncGenerator<Uint8Array> {
  const zip = new ZipWriter();
  yield* zip.add('model.json', description, 'deflated');
  // Weights do not get smaller.
  for (const path of Object.keys(model.description.files))
    yield* zip.add(path, await model.file(path), path.endsWith('.json') ? 'deflated' : 'stored');
  yield zip.end();
}
