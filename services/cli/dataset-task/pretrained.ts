// Weights that a command names to start from: looked at before the home remembers them.

import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Task } from '#api/v1alpha1/kinds.ts';
import { findPretrained } from '#prediction/pretrained-weights.ts';
import { DatasetFolder } from '../dataset-folder.ts';
import { shellQuoted } from '../run/shell-quoted.ts';
import type { SpecChanges } from './dataset-task.ts';

const openFolder = (uri: string): DatasetFolder => new DatasetFolder(fileURLToPath(uri));

/** @throws {BadInputError} when there are no weights at a path, or what is there is not understood. */
export async function requirePretrained(paths: NonNullable<SpecChanges['pretrainedWeights']>): Promise<void> {
  for (const [configuration, path] of Object.entries(paths)) {
    if (path === null) continue;
    const found = await findPretrained(openFolder, pathToFileURL(resolve(path)).href, configuration);
    await found.load();
  }
}

/** What to do when remembered weights went away since; nothing for a Task that failed of something else. */
export function pretrainedAdvice({ status }: Pick<Task, 'status'>, dataset: string): string {
  const failed = status?.conditions.find(({ type }) => type === 'Failed');
  if (failed?.status !== 'True' || failed.reason !== 'PretrainedWeightsUnusable') return '';
  return (
    `  put the weights back; or, to start the configuration that is named from drawn weights again:\n` +
    `  pentafold train ${shellQuoted(dataset)} CONFIGURATION FOLD --no-pretrained-weights\n`
  );
}
