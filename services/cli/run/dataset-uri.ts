import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { BadInputError } from '#core/errors.ts';
import { localPath } from './local-path.ts';

/** Thrown for a data set that is no folder of this machine. */
export class DatasetNotFoundError extends BadInputError {
  readonly code = 'DATASET_NOT_FOUND';
}

/**
 * The absolute file: URI of a Task's data set.
 *
 * @param uri as the Task says it: a path or a file: URI, relative to the Task's file.
 * @throws {DatasetNotFoundError} when it is no folder here.
 */
export async function resolveDatasetUri(uri: string, taskFile: string): Promise<string> {
  const path = localPath(uri, taskFile, (reason) => new DatasetNotFoundError(`spec.dataset.uri: ${reason}`));
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new DatasetNotFoundError(`spec.dataset.uri: expected a folder, but there is none at ${path}`);
  }
  return pathToFileURL(path).href;
}
