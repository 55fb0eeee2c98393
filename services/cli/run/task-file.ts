import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TaskManifest } from '#api/v1alpha1/kinds.ts';
import { parseTask } from '#api/v1alpha1/parse-task.ts';
import { BadInputError } from '#core/errors.ts';
import { PretrainedWeightsUnusableError } from '#prediction/pretrained-weights.ts';
import { resolveDatasetUri } from './dataset-uri.ts';
import { localPath } from './local-path.ts';

/** Thrown when there is no Task file to read, or what there is cannot be one. */
export class TaskFileError extends BadInputError {
  readonly code = 'TASK_FILE_NOT_READABLE';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot read the Task file ${path}: ${reason}`, options);
  }
}

/**
 * The Task of a file, its data set and pretrained weights as absolute file: URIs.
 *
 * @param dataset a folder to use instead of the one that the Task names; `null`: the Task's own.
 */
export async function readTaskFile(path: string, dataset: string | null): Promise<TaskManifest> {
  const task = parseTask(await readText(path));
  const uri = await resolveDatasetUri(dataset === null ? task.spec.dataset.uri : resolve(dataset), path);
  const pretrainedWeights = resolved(task.spec.training.pretrainedWeights, path);
  const training = { ...task.spec.training, pretrainedWeights };
  return { ...task, spec: { ...task.spec, dataset: { ...task.spec.dataset, uri }, training } };
}

type PretrainedWeights = TaskManifest['spec']['training']['pretrainedWeights'];

function resolved(weights: PretrainedWeights, taskFile: string): PretrainedWeights {
  return Object.fromEntries(
    Object.entries(weights).map(([configuration, uri]) => {
      const refusal = (reason: string) =>
        new PretrainedWeightsUnusableError(`spec.training.pretrainedWeights.${configuration}: ${reason}`);
      return [configuration, pathToFileURL(localPath(uri, taskFile, refusal)).href];
    }),
  );
}

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'it is not there', EISDIR: 'it is a folder' };

/** A Task has some hundred lines at most. */
const MOST_BYTES = 2 ** 20;

async function readText(path: string): Promise<string> {
  const bytes = await readFirst(path, MOST_BYTES + 1).catch((cause: NodeJS.ErrnoException) => {
    throw new TaskFileError(path, REASONS[cause.code ?? ''] ?? cause.message, { cause });
  });
  if (bytes.length > MOST_BYTES) throw new TaskFileError(path, 'it has more than 1 MiB');
  if (!isUtf8(bytes) || bytes.includes(0)) throw new TaskFileError(path, 'it is not text');
  return bytes.toString('utf8');
}

/** The beginning of a file, or all of it; also of a pipe, whose size nobody knows. */
async function readFirst(path: string, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { end: most - 1 })) chunks.push(chunk);
  return Buffer.concat(chunks);
}
