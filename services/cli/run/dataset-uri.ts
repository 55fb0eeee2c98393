import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BadInputError } from '#core/errors.ts';

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
  const path = localPath(uri, taskFile);
  if (path === undefined)
    throw new DatasetNotFoundError(
      `spec.dataset.uri: '${uri}' is not on this machine; on one machine give a path or a file: URI`,
    );
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new DatasetNotFoundError(`spec.dataset.uri: expected a folder, but there is none at ${path}`);
  }
  return pathToFileURL(path).href;
}

/**
 * Where a path or a file: URI in a Task file leads, relative ones from the folder of that file.
 *
 * @returns `undefined` for a URI of another machine.
 */
export function localPath(uri: string, taskFile: string): string | undefined {
  const base = dirname(resolve(taskFile));
  if (uri.startsWith('file:///')) return fileURLToPath(uri);
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1];
  if (scheme === undefined) return resolve(base, uri);
  // `file:name` and `file:./name` are relative; a file: URI with a host is another machine's.
  if (scheme !== 'file' || uri.startsWith('file://')) return undefined;
  return resolve(base, decodeURIComponent(uri.slice('file:'.length)));
}
