import { lstat, readFile } from 'node:fs/promises';
import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import { type FileContent, writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { writeTo } from './output.ts';

/** Thrown when a file named on the command line is not there or is not what it should be. */
export class FileUnusableError extends BadInputError {
  readonly code = 'FILE_UNUSABLE';
}

/** @throws {FileUnusableError} when there is no such file. */
export async function textOf(path: string): Promise<string> {
  const text = await orAbsent(() => readFile(path, 'utf8'));
  if (text === undefined) throw new FileUnusableError(`there is no file ${path}`);
  return text;
}

/** Writes a file that the user named. @throws {FileUnusableError} when that cannot be. @throws {StorageFullError} */
export const writeOutput = (path: string, content: FileContent): Promise<void> =>
  writeTo(path, FileUnusableError, () => writeDurably(path, content));

/** @throws {FileUnusableError} for a name with another ending, and where there is something already. */
export async function checkNewFile(path: string, ending: `.${string}`): Promise<void> {
  if (!path.endsWith(ending)) throw new FileUnusableError(`${path}: expected a name that ends in ${ending}`);
  if ((await orAbsent(() => lstat(path))) !== undefined)
    throw new FileUnusableError(`there is a file ${path} already; choose another name or remove it`);
}

/** What `parse` makes of a text. @throws {FileUnusableError} saying that `path` is no `what`, when it throws that. */
export function parsedAs<T>(what: string, path: string, text: string, parse: (text: string) => T): T {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof z.ZodError || cause instanceof SyntaxError)) throw cause;
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : cause.message;
    throw new FileUnusableError(`${path} is no ${what}: ${reason}`, { cause });
  }
}
