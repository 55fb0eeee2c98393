// Results where people and scripts look for them: links from HOME/tasks and HOME/models to the outputs of steps.

import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemErrorCode } from '#files/system-error-code.ts';
import type { StepKind } from '#steps/step.ts';
import type { StepOutputs } from '#steps/step-outputs.ts';
import type { StepSnapshot } from '../../controller/service.ts';

/** An output as a file, and the name it gets below the target folder. */
interface Placement {
  readonly source: string;
  readonly path: string;
}

export type PathOf = (objectKey: string) => string;

/** Which outputs of each kind of step people and scripts look for. */
const SHOWN: Readonly<Partial<Record<StepKind, readonly string[]>>> = {
  ingest: ['cases.json', 'dataset_fingerprint.json'],
  plan: ['plans.json', 'splits_final.json', 'dataset.json'],
  train: ['final.safetensors', 'metrics.jsonl', 'validation/summary.json'],
  ensemble: ['ranking.json', 'postprocessing.json'],
};

/**
 * Links what a done step has to show below the Task's folder: `plans.json`, `ranking.json`,
 * `<configuration>/fold_<n>/final.safetensors` and so on.
 */
export async function linkStep(
  folder: string,
  { kind, configuration, fold }: Pick<StepSnapshot, 'kind' | 'configuration' | 'fold'>,
  outputs: StepOutputs,
  pathOf: PathOf,
): Promise<void> {
  const isOfFold = configuration !== null && fold !== null;
  const below = isOfFold ? join(folder, configuration, `fold_${fold}`) : folder;
  for (const path of SHOWN[kind] ?? []) await place({ source: pathOf(outputs.key(path)), path: join(below, path) });
}

/**
 * A folder with the outputs of a publish step, and nothing else.
 *
 * Put together beside and renamed, so that whoever reads the model sees one version of it. Nothing happens when the
 * folder holds this version already.
 */
export async function linkModel(folder: string, outputs: StepOutputs, pathOf: PathOf): Promise<void> {
  const placements = outputs.list('').map((path) => ({ source: pathOf(outputs.key(path)), path }));
  if (await holds(folder, placements)) return;
  const fresh = `${folder}.fresh`;
  const old = `${folder}.old`;
  await rm(fresh, { recursive: true, force: true });
  for (const { source, path } of placements) await place({ source, path: join(fresh, path) });
  await rm(old, { recursive: true, force: true });
  if (await exists(folder)) await rename(folder, old);
  await rename(fresh, folder);
  await rm(old, { recursive: true, force: true });
}

async function holds(folder: string, placements: readonly Placement[]): Promise<boolean> {
  if (!(await exists(folder))) return false;
  const there = await readdir(folder, { recursive: true, withFileTypes: true });
  if (there.filter((entry) => entry.isFile()).length !== placements.length) return false;
  const same = await Promise.all(placements.map(({ source, path }) => alike(source, join(folder, path))));
  return same.every(Boolean);
}

/** The same file, or a copy of it that was made since: outputs never change. */
async function alike(source: string, target: string): Promise<boolean> {
  const [a, b] = await Promise.all([stat(source), stat(target).catch(() => undefined)]);
  return b !== undefined && (a.ino === b.ino || (a.size === b.size && a.mtimeMs <= b.mtimeMs));
}

/** Weights are linked, they are large. What a person may open in an editor is copied: the output must not change. */
async function place({ source, path }: Placement): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  if (!source.endsWith('.safetensors') || !(await hardLinked(source, partial))) await copyFile(source, partial);
  await rename(partial, path);
  // rename(2) leaves the old name when both are links to one file.
  await rm(partial, { force: true });
}

/** `false` on a file system without hard links. */
async function hardLinked(source: string, target: string): Promise<boolean> {
  try {
    await link(source, target);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'EXDEV' || code === 'EPERM' || code === 'ENOTSUP' || code === 'EMLINK') return false;
    throw error;
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
