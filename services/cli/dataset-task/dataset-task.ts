// The Task behind the commands that name a data set instead of a Task file. All of them work on one Task per data set and
// home, so what one of them has done the next one finds.

import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { API_VERSION, type Task, type TaskManifest, type TaskSpec, taskManifest } from '#api/v1alpha1/kinds.ts';
import { BadInputError } from '#core/errors.ts';
import type { TaskStore } from '#platform/tasks/task-store.ts';
import { isDatasetFolder } from './is-dataset-folder.ts';

/** Fields of the spec to set; what is left out stays as the home knows it, or at its default. */
export interface SpecChanges {
  readonly planner?: { readonly name?: string; readonly gpuMemoryTarget?: string };
  /** `all`: whatever is planned. */
  readonly configurations?: readonly string[] | 'all';
  /** `numbered`: a cross-validation, of as many folds as the home knows, else the default. */
  readonly folds?: 'all' | 'numbered';
  readonly training?: { readonly epochs?: number } & Readonly<Record<string, unknown>>;
  /** More `epochs` than the home knows: go on from the shorter schedules there were. Else, and for fewer, begin anew. */
  readonly goOn?: boolean;
  /** By configuration: path of weights to start from; `null`: none any more. */
  readonly pretrainedWeights?: Readonly<Record<string, string | null>>;
  readonly ensembling?: { readonly voting?: readonly string[] };
  readonly inference?: Readonly<Record<string, unknown>>;
}

/** Thrown for a data set that is neither a folder nor known to the home. */
export class DatasetUnknownError extends BadInputError {
  readonly code = 'DATASET_UNKNOWN';

  constructor(dataset: string, known: readonly string[]) {
    super(
      `${dataset} is no folder with a dataset.json, and the home knows ` +
        `${known.length === 0 ? 'no data set yet' : `only ${known.join(', ')}`}; give the folder of the data set`,
    );
  }
}

/**
 * The Task of a data set.
 *
 * @param dataset its folder; once the home knows it, also its name (`Dataset004_Hippocampus`) or its number (`4`).
 * @throws {DatasetUnknownError}
 */
export async function datasetTask(tasks: TaskStore, dataset: string, changes: SpecChanges): Promise<TaskManifest> {
  const known = await tasks.list();
  const folder = (await isDatasetFolder(dataset)) ? resolve(dataset) : null;
  const task =
    folder === null ? taskCalled(dataset, known) : known.find(({ metadata }) => metadata.name === nameOf(folder));
  if (folder === null && task === undefined)
    throw new DatasetUnknownError(
      dataset,
      known.map(({ metadata }) => metadata.name),
    );
  const { planner, ensembling, inference, configurations, folds } = changes;
  const before = task?.spec;
  const spec = {
    ...before,
    dataset: { ...before?.dataset, ...(folder === null ? {} : { uri: pathToFileURL(folder).href }) },
    configurations: configurations === 'all' ? undefined : (configurations ?? before?.configurations),
    folds: folds === 'all' ? folds : numberedUnless(folds, before?.folds),
    planner: { ...before?.planner, ...planner },
    training: { ...before?.training, ...trainingOf(changes, before?.training) },
    ensembling: { ...before?.ensembling, ...ensembling },
    inference: { ...before?.inference, ...inference },
  };
  const name = task?.metadata.name ?? nameOf(folder ?? dataset);
  return taskManifest.parse({ apiVersion: API_VERSION, kind: 'Task', metadata: { name }, spec });
}

/** What a person should know who asked to go on, where there is nothing to go on from; `null` where there is. */
export function nothingToGoOnFrom(
  { goOn = false, training }: SpecChanges,
  { spec }: Pick<TaskManifest, 'spec'>,
): string | null {
  if (!goOn || training?.epochs === undefined || spec.training.continueFrom.length > 0) return null;
  return `no schedule of fewer than ${training.epochs} epochs was trained here: what was not begun with so many begins anew`;
}

function trainingOf(
  { training, goOn = false, pretrainedWeights = {} }: SpecChanges,
  before: TaskSpec['training'] | null = null,
): Readonly<Record<string, unknown>> {
  const weights = new Map(Object.entries(before?.pretrainedWeights ?? {}));
  for (const [configuration, path] of Object.entries(pretrainedWeights)) {
    if (path === null) weights.delete(configuration);
    else weights.set(configuration, pathToFileURL(resolve(path)).href);
  }
  return {
    ...training,
    continueFrom: schedulesBefore(training?.epochs, goOn, before),
    pretrainedWeights: Object.fromEntries(weights),
  };
}

function schedulesBefore(
  epochs: number | undefined,
  goOn: boolean,
  before: TaskSpec['training'] | null,
): readonly number[] {
  if (before === null) return [];
  if (epochs === undefined || epochs === before.epochs) return before.continueFrom;
  return goOn ? [...before.continueFrom, before.epochs].filter((reached) => reached < epochs) : [];
}

const numberedUnless = (wish: SpecChanges['folds'], before: number | 'all' | undefined): number | 'all' | undefined =>
  wish === 'numbered' && before === 'all' ? undefined : before;

/** `Dataset004_Hippocampus` → `dataset004-hippocampus`. */
export const nameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63) || 'dataset';

function taskCalled(dataset: string, known: readonly Task[]): Task | undefined {
  const numbered = /^\d{1,3}$/.test(dataset) ? `dataset${dataset.padStart(3, '0')}-` : undefined;
  return known.find(
    ({ metadata: { name } }) => name === nameOf(dataset) || (numbered !== undefined && name.startsWith(numbered)),
  );
}
