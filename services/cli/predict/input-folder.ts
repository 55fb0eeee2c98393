import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { FolderUnusableError, namesIn } from '../folder.ts';
import { type InputCases, inputCases } from './input-cases.ts';

/** The folders of a prediction. */
export interface PredictionFolders {
  readonly input: string;
  readonly output: string;
}

/**
 * The cases of the input folder, for a model of so many channels.
 *
 * @throws {FolderUnusableError} when the input folder is not there or has no image, or is the output folder too.
 */
export async function readInputFolder({ input, output }: PredictionFolders, channels: number): Promise<InputCases> {
  // A result may have the name of the image it came from.
  if ((await realFolder(input)) === (await realFolder(output)))
    throw new FolderUnusableError(`input and output are the same folder ${input}; choose another for the output`);
  const found = inputCases(await namesIn(input), channels);
  if (found.cases.length + found.problems.length === 0)
    throw new FolderUnusableError(`there is no image file in the input folder ${input}`);
  return found;
}

/** A folder's own path, through whatever links; as given while it does not exist. */
const realFolder = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));
