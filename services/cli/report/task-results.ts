// What a finished Task left in its folder of the home, read for the report.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { type Candidate, candidateSchema } from '#api/v1alpha1/kinds.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { BadInputError } from '#core/errors.ts';
import type { Plans } from '#core/planning/plans.ts';
import { orAbsent } from '#files/or-absent.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { parsePlans } from '#formats/plans-json.ts';

export interface TaskResults {
  readonly plans: Plans;
  readonly dataset: DatasetDescription;
  /** Best first. */
  readonly ranking: readonly Candidate[];
  /** In the order of the plans. */
  readonly trainings: readonly { readonly configuration: string; readonly folds: readonly (readonly Epoch[])[] }[];
}

const epoch = z.object({
  /** Counted from 0. */
  epoch: z.number(),
  trainLoss: z.number().nullable(),
  validationLoss: z.number().nullable(),
  meanPseudoDice: z.number().nullable(),
  movingAverageDice: z.number().nullable().optional(),
  learningRate: z.number().optional(),
});
export type Epoch = z.infer<typeof epoch>;

/** Thrown when a Task has not come to its end, so that results are missing. */
export class TaskUnfinishedError extends BadInputError {
  readonly code = 'TASK_UNFINISHED';
}

/**
 * @param folder HOME/tasks/<name>, as `pentafold run` leaves it.
 * @throws {TaskUnfinishedError} naming what is missing.
 */
export async function readTaskResults(folder: string): Promise<TaskResults> {
  const text = async (path: string): Promise<string> => {
    const found = await orAbsent(() => readFile(join(folder, path), 'utf8'));
    if (found !== undefined) return found;
    throw new TaskUnfinishedError(
      `Task ${basename(folder)} is not finished: it has no ${path} yet; run it to its end first`,
    );
  };
  const plans = parsePlans(await text('plans.json'));
  const folds = z.array(z.unknown()).parse(JSON.parse(await text('splits_final.json'))).length;
  const trainings: TaskResults['trainings'][number][] = [];
  for (const { name } of plans.configurations) {
    const lines = Array.from({ length: folds }, (_, fold) => text(join(name, `fold_${fold}`, 'metrics.jsonl')));
    trainings.push({ configuration: name, folds: (await Promise.all(lines)).map(parseEpochs) });
  }
  return {
    plans,
    dataset: parseDatasetJson(await text('dataset.json')).description,
    ranking: z.array(candidateSchema).parse(JSON.parse(await text('ranking.json'))),
    trainings,
  };
}

/** The lines of a metrics.jsonl. @throws {ZodError} @throws {SyntaxError} */
export const parseEpochs = (lines: string): Epoch[] =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => epoch.parse(JSON.parse(line)));
