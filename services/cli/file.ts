import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import { orAbsent } from '#files/or-absent.ts';

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
