// Parts of a step that an attempt had finished when it ended, so that the next one takes their outputs over instead of
// making them again. Their records lie among the attempt's checkpoints and are removed with them.

import * as z from 'zod';
import { encodeJson } from '#formats/indented-json.ts';
import type { ObjectStore } from '#platform/objects/object-store.ts';
import type { AttemptWriter } from './attempt-writer.ts';
import { CorruptObjectError } from './corrupt-object-error.ts';
import { type Output, outputSchema } from './manifest.ts';
import type { Json } from './step.ts';
import { finishedPartKey, outputKey } from './step-keys.ts';
import { readJson, readVerified } from './verified-read.ts';

/** Outputs of an attempt that are whole, though the step is not. */
export interface FinishedPart {
  /** Digest of what it was made from inside the step, such as weights: made from other ones it is of no use. */
  readonly madeFrom: string;
  /** By path below the attempt. */
  readonly outputs: Readonly<Record<string, Output>>;
  /** Small values that the step needs to know of the part. */
  readonly facts: Json;
}

const finishedPartSchema: z.ZodType<FinishedPart> = z.object({
  madeFrom: z.string(),
  outputs: z.record(z.string(), outputSchema),
  facts: z.json(),
});

/** Remembers a part of an attempt, after its outputs were written. @param name unique in the step: `validation/<caseId>`. */
export async function saveFinishedPart(
  objects: ObjectStore,
  step: string,
  attempt: number,
  name: string,
  part: FinishedPart,
): Promise<void> {
  await objects.put(finishedPartKey(step, attempt, name), encodeJson(part));
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
  { name, madeFrom }: { readonly name: string; readonly madeFrom: string },
  output: AttemptWriter,
  skipped: (error: CorruptObjectError) => void,
): Promise<Json | undefined> {
  const { step } = output;
  for (const attempt of attempts.toReversed()) {
    try {
      const part = await readJson(objects, finishedPartKey(step, attempt, name), finishedPartSchema);
      if (part?.madeFrom !== madeFrom) continue;
      for (const [path, expected] of Object.entries(part.outputs))
        await output.write(path, await readVerified(objects, outputKey(step, attempt, path), expected));
      return part.facts;
    } catch (error) {
      if (!(error instanceof CorruptObjectError)) throw error;
      skipped(error);
    }
  }
  return undefined;
}
