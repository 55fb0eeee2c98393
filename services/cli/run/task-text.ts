import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { BadInputError } from '#core/errors.ts';

/** Thrown when there is no Task file to read, or what there is cannot be one. */
export class TaskFileError extends BadInputError {
  readonly code = 'TASK_FILE_NOT_READABLE';

  constructor(path: string, reason: string, options?: ErrorOptions) {
    super(`cannot read the Task file ${path}: ${reason}`, options);
  }
}

const REASONS: Readonly<Record<string, string>> = { ENOENT: 'it is not there', EISDIR: 'it is a folder' };

/** A Task has some hundred lines at most. */
const MOST_BYTES = 2 ** 20;

/** @param path `-`: standard input. @throws {TaskFileError} */
export async function readTaskText(path: string): Promise<string> {
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
  let bytes = 0;
  for await (const chunk of path === '-' ? process.stdin : createReadStream(path)) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= most) break;
  }
  return Buffer.concat(chunks);
}
