import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Summary } from '#core/evaluation/summary.ts';
import { orAbsent } from '#files/or-absent.ts';
import { parseSummary } from '#formats/summary-json.ts';
import { parsedAs } from '../file.ts';

/**
 * The summary.json of a folder of predictions, or `undefined` where none is.
 *
 * @throws {FileUnusableError} when it is not as nnU-Net writes one.
 */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  const path = join(folder, 'summary.json');
  const text = await orAbsent(() => readFile(path, 'utf8'));
  return text === undefined ? undefined : parsedAs('summary.json', path, text, parseSummary);
}
