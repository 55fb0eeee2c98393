// What a finished Task left in its folder of the home, read for the report.

import { readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { type Candidate, candidateSchema } from '#api/v1alpha1/kinds.ts';
import type { DatasetDescription } from '#core/dataset/dataset-description.ts';
import { BadInputError } from '#core/errors.ts';
import type { Plans } from '#core/planning/plans.ts';
import type { FoldName } from '#core/training/folds.ts';
import { orAbsent } from '#files/or-absent.ts';
import { parseDatasetJson } from '#formats/dataset-json.ts';
import { parsePlans } from '#formats/plans-json.ts';
import { type EpochMetrics, parseMetrics } from '#steps/epoch-metrics.ts';

export interface TaskResults {
  readonly plans: Plans;
  readonly dataset: DatasetDescription;
  /** Best first. */
  readonly ranking: readonly Candidate[];
  /** Of what was scored, in the order of the plans. */
  readonly trainings: readonly { readonly configuration: string; readonly folds: readonly FoldEpochs[] }[];
}

export interface FoldEpochs {
  readonly fold: FoldName;
  readonly epochs: readonly EpochMetrics[];
}

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
  const ranking = z.array(candidateSchema).parse(JSON.parse(await text('ranking.json')));
  const folds = await foldsIn(folder, await text('splits_final.json'), ranking);
  const trainings: TaskResults['trainings'][number][] = [];
  for (const { name } of plans.configurations.filter((plan) => isScored(ranking, plan.name))) {
    const read = async (fold: FoldName): Promise<FoldEpochs> => ({
      fold,
      epochs: parseMetrics(await text(join(name, `fold_${fold}`, 'metrics.jsonl'))),
    });
    trainings.push({ configuration: name, folds: await Promise.all(folds.map(read)) });
  }
  return {
    plans,
    dataset: parseDatasetJson(await text('dataset.json')).description,
    ranking,
    trainings,
  };
}

/** A Task may ask for some of the configurations that are planned. */
const isScored = (ranking: readonly Candidate[], configuration: string): boolean =>
  ranking.some(({ members }) => members.includes(configuration));

/** The folds of the splits, unless the Task trained on every case: its folder shows one kind alone. */
async function foldsIn(folder: string, splits: string, ranking: readonly Candidate[]): Promise<readonly FoldName[]> {
  const any = join(folder, ranking[0]?.members[0] ?? '', 'fold_all');
  if ((await orAbsent(() => stat(any))) !== undefined) return ['all'];
  return Array.from(z.array(z.unknown()).parse(JSON.parse(splits)), (_, fold) => fold);
}
