// Checkpoints of attempts. Files go under a key that is new, then a reference with their digests is written, then what
// it supersedes is removed: at every moment of this the newest checkpoint with a reference is whole.

import * as z from 'zod';
import { inParallel } from '#core/in-parallel.ts';
import { digestOf } from '#formats/digest.ts';
import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import { type Output, outputOf, outputSchema } from './manifest.ts';
import type { Json } from './step.ts';
import { checkpointPrefix } from './step-keys.ts';
import { readJson, readVerified } from './verified-read.ts';

/** A point from which a step can go on. */
export interface Checkpoint {
  /** Units of work that are done and need not be done again; the highest one of a step is the newest. */
  readonly iteration: number;
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Small values; what the step needs to know of where it stood. */
  readonly facts: Json;
}

/** A checkpoint with the attempt that saved it. */
export interface StoredCheckpoint extends Checkpoint {
  readonly attempt: number;
}

interface Reference {
  readonly iteration: number;
  readonly files: Readonly<Record<string, Output>>;
  readonly facts: Json;
}

const referenceSchema: z.ZodType<Reference> = z.object({
  iteration: z.int().min(0),
  files: z.record(z.string(), outputSchema),
  facts: z.json(),
});

/** Stores a checkpoint of an attempt and removes the attempt's older ones. */
export async function saveCheckpoint(
  objects: ObjectStore,
  step: string,
  attempt: number,
  checkpoint: Checkpoint,
): Promise<void> {
  const reference = referenceTo(checkpoint);
  const folder = `${checkpointPrefix(step, attempt)}${checkpointName(reference)}/`;
  await inParallel(checkpoint.files, ([path, bytes]) => objects.put(`${folder}files/${path}`, bytes));
  await objects.put(`${folder}reference.json`, encodeJson(reference));
  await removeCheckpoints(objects, step, attempt, folder);
}

/**
 * The whole checkpoint with the highest iteration over the given attempts; of equal ones that of the latest attempt.
 *
 * One that is torn or damaged is passed over and reported to `skipped`: the step then loses more work, not its result.
 */
export async function latestCheckpoint(
  objects: ObjectStore,
  step: string,
  attempts: readonly number[],
  skipped: (error: CorruptObjectError) => void,
): Promise<StoredCheckpoint | undefined> {
  const found = await inParallel(attempts, (attempt) => references(objects, step, attempt));
  const newestFirst = found.flat().sort((a, b) => b.iteration - a.iteration || b.attempt - a.attempt);
  for (const { key, attempt } of newestFirst) {
    try {
      return { ...(await load(objects, key)), attempt };
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
      skipped(error);
    }
  }
  return undefined;
}

/** Removes every checkpoint of an attempt but the one below `keep`. References go first, so that none is left torn. */
export async function removeCheckpoints(
  objects: ObjectStore,
  step: string,
  attempt: number,
  keep: string | null,
): Promise<void> {
  const keys = await objects.list(checkpointPrefix(step, attempt));
  const superseded = keys.filter((key) => keep === null || !key.startsWith(keep));
  await inParallel(superseded.filter(isReference), (key) => objects.delete(key));
  await inParallel(
    superseded.filter((key) => !isReference(key)),
    (key) => objects.delete(key),
  );
}

const referenceTo = (checkpoint: Checkpoint): Reference => ({
  iteration: checkpoint.iteration,
  files: Object.fromEntries([...checkpoint.files].map(([path, bytes]) => [path, outputOf(bytes)])),
  facts: checkpoint.facts,
});

/** Holds the content's digest: saving an iteration again with other content never touches files already referred to. */
const checkpointName = (reference: Reference): string =>
  `${String(reference.iteration).padStart(10, '0')}-${digestOf(reference).slice(0, 16)}`;

const isReference = (key: string): boolean => /\/checkpoints\/[^/]+\/reference\.json$/.test(key);

async function references(objects: ObjectStore, step: string, attempt: number) {
  const keys = await objects.list(checkpointPrefix(step, attempt));
  return keys.filter(isReference).map((key) => ({ key, attempt, iteration: iterationOf(key) }));
}

const iterationOf = (key: string): number => Number.parseInt(key.split('/').at(-2) ?? '', 10);

async function load(objects: ObjectStore, key: string): Promise<Checkpoint> {
  const reference = await readJson(objects, key, referenceSchema);
  if (reference === undefined) throw new CorruptObjectError(key, 'a reference', 'no object');
  const folder = key.slice(0, -'reference.json'.length);
  const files = await inParallel(
    Object.entries(reference.files),
    async ([path, expected]) => [path, await readVerified(objects, `${folder}files/${path}`, expected)] as const,
  );
  return { iteration: reference.iteration, files: new Map(files), facts: reference.facts };
}
