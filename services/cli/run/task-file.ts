import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { TaskManifest } from '#api/v1alpha1/kinds.ts';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import { BadInputError } from '#core/errors.ts';
import { resolveDatasetUri } from './dataset-uri.ts';

/** Thrown when there is no Task file to read. */
export class TaskFileError extends BadInputError {
  readonly code = 'TASK_FILE_NOT_READABLE';
}

/**
 * The Task of a file, its data set as an absolute file: URI.
 *
 * @param dataset a folder to use instead of the one that the Task names; `null`: the Task's own.
 */
export async function readTaskFile(path: string, dataset: string | null): Promise<TaskManifest> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'it is not there' : cause.message;
    throw new TaskFileError(`cannot read the Task file ${path}: ${reason}`, { cause });
  });
  const task = parseTask(text);
  const uri = await resolveDatasetUri(dataset === null ? task.spec.dataset.uri : resolve(dataset), path);
  return { ...task, spec: { ...task.spec, dataset: { ...task.spec.dataset, uri } } };
}
