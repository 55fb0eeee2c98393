// Parts of a step that an attempt had finished when it ended, so that the next one takes their outputs over instead of
// making them again.

import * as z from 'zod';
import { inParallel } from '#core/in-parallel.ts';
import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import { type Output, outputSchema } from './manifest.ts';
import type { Json } from './step.ts';
import { outputKey, partPrefix } from './step-keys.ts';
import { readJson, readVerified } from './verified-read.ts';

/** A part that can be made, or was. */
export interface PartName {
  /** Unique in the step: `validation/<caseId>`. */
  readonly name: string;
  /** Digest of what it is made from inside the step, such as weights: made from other ones it is of no use. */
  readonly madeFrom: string;
}

/** Writes the outputs of a part. @returns small values that the step needs to know of it. */
export type MakePart = (output: Pick<AttemptWriter, 'write'>) => Promise<Json>;

/** Outputs of an attempt that are whole, though the step is not. */
interface FinishedPart {
  readonly madeFrom: string;
  /** By path below the attempt. */
  readonly outputs: Readonly<Record<string, Output>>;
  readonly facts: Json;
}

const finishedPartSchema: z.ZodType<FinishedPart> = z.object({
  madeFrom: z.string(),
  outputs: z.record(z.string(), outputSchema),
  facts: z.json(),
});

const partKey = (step: string, attempt: number, name: string): string => `${partPrefix(step, attempt)}${name}.json`;

/** Makes a part, then remembers that it is whole. @returns its facts. */
export async function makePart(
  objects: ObjectStore,
  { name, madeFrom }: PartName,
  output: AttemptWriter,
  make: MakePart,
): Promise<Json> {
  const outputs: Record<string, Output> = {};
  const facts = await make({
    async write(path, bytes) {
      const written = await output.write(path, bytes);
      outputs[path] = written;
      return written;
    },
  });
  const part: FinishedPart = { madeFrom, outputs, facts };
  await objects.put(partKey(output.step, output.attempt, name), encodeJson(part));
  return facts;
}

/**
 * Copies the outputs of a part that one of `attempts` finished, the latest first, each compared with its digest.
 *
 * One that is damaged is passed over and reported to `skipped`; what was copied of it by then is there to be written anew.
 *
 * @returns the facts of the part, or `undefined` when it must be made.
 */
export async function takeOverPart(
  objects: ObjectStore,
  attempts: readonly number[],
  { name, madeFrom }: PartName,
  output: AttemptWriter,
  skipped: (error: CorruptObjectError) => void,
): Promise<Json | undefined> {
  const { step } = output;
  for (const attempt of attempts.toReversed()) {
    try {
      const part = await readJson(objects, partKey(step, attempt, name), finishedPartSchema);
      if (part?.madeFrom !== madeFrom) continue;
      await inParallel(Object.entries(part.outputs), async ([path, expected]) => {
        await output.write(path, await readVerified(objects, outputKey(step, attempt, path), expected));
      });
      return part.facts;
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
      skipped(error);
    }
  }
  return undefined;
}

/** Forgets the parts that an attempt finished; their outputs stay. */
export async function removeParts(objects: ObjectStore, step: string, attempt: number): Promise<void> {
  await inParallel(await objects.list(partPrefix(step, attempt)), (key) => objects.delete(key));
}
