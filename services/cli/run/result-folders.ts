// Results where people and scripts look for them: copies of outputs of steps below HOME/tasks and HOME/models. Copies, so
// that nothing done to them reaches the object store. What is there is compared by digest, and mended.

import { readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FoldName } from '#core/training/folds.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { systemErrorCode } from '#files/system-error-code.ts';
import { sha256 } from '#formats/digest.ts';
import { SHOWN_OUTPUTS, shownOutputs } from '#steps/shown-outputs.ts';
import type { StepKind } from '#steps/step.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';

/** A step that is done, with where in the Task it stands. */
export interface DoneStep {
  readonly kind: StepKind;
  readonly configuration: string | null;
  readonly fold: FoldName | null;
  readonly outputs: StepOutputs;
}

/** What the folder of a Task shows of the whole Task, by kind of step; a fold has a folder, the model its own. */
const OF_THE_TASK = ['ingest', 'plan', 'ensemble'] as const satisfies readonly StepKind[];

/**
 * Puts what done steps have to show below the Task's folder: `plans.json`, `ranking.json`,
 * `<configuration>/fold_<n>/final.safetensors` and so on.
 */
export async function showTask(folder: string, steps: readonly DoneStep[]): Promise<void> {
  for (const step of steps) {
    const paths = shownOutputs(step.kind, step.outputs);
    if (isShownTraining(step)) await fillFolder(join(folder, foldFolder(step)), step.outputs, paths);
    if (!isOfTheTask(step.kind)) continue;
    for (const path of paths) await place(folder, step.outputs, path);
  }
}

/** Removes from the Task's folder what is shown of other steps than these: it is of another version of the Task. */
export async function removeOthers(folder: string, steps: readonly DoneStep[]): Promise<void> {
  const stale = OF_THE_TASK.filter((kind) => !steps.some((step) => step.kind === kind));
  for (const path of stale.flatMap((kind) => SHOWN_OUTPUTS[kind])) await rm(join(folder, path), { force: true });
  const kept = new Set(steps.filter(isShownTraining).map(foldFolder));
  const configurations = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const { name: configuration } of configurations) {
    const folds = (await readdir(join(folder, configuration))).filter((name) => name.startsWith('fold_'));
    for (const fold of folds) {
      const path = join(configuration, fold);
      if (!kept.has(path)) await rm(join(folder, path), { recursive: true, force: true });
    }
    if (folds.length > 0) await removeIfEmpty(join(folder, configuration));
  }
}

/** A folder with the outputs of a publish step, and nothing else. */
export const showModel = (folder: string, outputs: StepOutputs): Promise<void> =>
  fillFolder(folder, outputs, shownOutputs('publish', outputs));

const isOfTheTask = (kind: StepKind): boolean => OF_THE_TASK.some((one) => one === kind);

/** One by an earlier schedule is shown no more: the training that went on from it is. */
const isShownTraining = ({ kind, fold }: DoneStep): boolean => kind === 'train' && fold !== null;

const foldFolder = ({ configuration, fold }: DoneStep): string => join(configuration ?? '', `fold_${fold}`);

/**
 * Makes a folder hold these outputs and nothing else.
 *
 * Put together beside and renamed, so that whoever reads it sees one version. Nothing happens when it is right already.
 */
async function fillFolder(folder: string, outputs: StepOutputs, paths: readonly string[]): Promise<void> {
  const fresh = `${folder}.fresh`;
  const old = `${folder}.old`;
  // Of a run that was killed meanwhile.
  for (const left of [fresh, old]) await rm(left, { recursive: true, force: true });
  if (await isFilled(folder, outputs, paths)) return;
  for (const path of paths) await place(fresh, outputs, path);
  await orAbsent(() => rename(folder, old));
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

async function isFilled(folder: string, outputs: StepOutputs, paths: readonly string[]): Promise<boolean> {
  const there = (await orAbsent(() => readdir(folder, { recursive: true, withFileTypes: true }))) ?? [];
  if (there.filter((entry) => !entry.isDirectory()).length !== paths.length) return false;
  for (const path of paths) if (!(await holds(folder, outputs, path))) return false;
  return true;
}

/** Copies an output below a folder, unless it lies there whole. */
async function place(folder: string, outputs: StepOutputs, path: string): Promise<void> {
  if (!(await holds(folder, outputs, path))) await writeDurably(join(folder, path), await outputs.read(path));
}

async function holds(folder: string, { manifest }: StepOutputs, path: string): Promise<boolean> {
  const bytes = await orAbsent(() => readFile(join(folder, path)));
  return bytes !== undefined && sha256(bytes) === manifest.outputs[path]?.sha256;
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOTEMPTY') throw error;
  }
}
