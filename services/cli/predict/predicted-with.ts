// `predicted-with.json` beside the results: what they were predicted with, so that nobody goes on with something else.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { BadInputError } from '#core/errors.ts';
import { writeDurably } from '#files/durable-file.ts';
import { orAbsent } from '#files/or-absent.ts';
import { foldNameSchema } from '#formats/splits-json.ts';
import { inferenceSchema } from '#prediction/inference-json.ts';
import { parsedAs } from '../file.ts';

const FILE = 'predicted-with.json';

const predictedWithSchema = z.object({
  /** SHA-256 of the model's model.json, which names every other file by its own. */
  model: z.string(),
  folds: z.array(foldNameSchema).readonly(),
  checkpoint: z.enum(['final', 'best']),
  stepFraction: inferenceSchema.shape.stepFraction,
  mirroring: inferenceSchema.shape.mirroring,
});

/** Everything that decides what a prediction of an image is. */
export type PredictedWith = z.infer<typeof predictedWithSchema>;

/** Thrown when a prediction shall go on in a folder whose results were predicted otherwise, or nobody knows how. */
export class PredictedOtherwiseError extends BadInputError {
  readonly code = 'PREDICTED_OTHERWISE';

  constructor(output: string, reason: string) {
    super(
      `cannot go on in ${output}: ${reason}; predict as before, or without --continue-prediction to do all cases anew, ` +
        'or choose another output folder',
    );
  }
}

/** Says in an output folder what its results are predicted with from now on. */
export const writePredictedWith = (output: string, now: PredictedWith): Promise<void> =>
  writeDurably(join(output, FILE), `${JSON.stringify(predictedWithSchema.parse(now), null, 2)}\n`);

/**
 * Sees that the results in a folder were predicted as further ones will be.
 *
 * @throws {PredictedOtherwiseError} naming what differs, or that the folder does not say.
 * @throws {FileUnusableError} when what it says is damaged.
 */
export async function checkPredictedWith(output: string, now: PredictedWith): Promise<void> {
  const file = join(output, FILE);
  const text = await orAbsent(() => readFile(file, 'utf8'));
  if (text === undefined) throw new PredictedOtherwiseError(output, `it has results but no ${FILE}`);
  const before = parsedAs(FILE, file, text, (content) => predictedWithSchema.parse(JSON.parse(content)));
  const differing = differences(before, now);
  if (differing.length > 0)
    throw new PredictedOtherwiseError(output, `its results were predicted with ${differing.join(', ')}`);
}

function differences(before: PredictedWith, now: PredictedWith): string[] {
  const told = ([name, then, today]: readonly [string, unknown, unknown]): string[] => {
    const [was, is] = [JSON.stringify(then), JSON.stringify(today)];
    return was === is ? [] : [`${name} ${was} instead of ${is}`];
  };
  const others = [
    ['folds', before.folds, now.folds],
    ['checkpoint', before.checkpoint, now.checkpoint],
    ['step size', before.stepFraction, now.stepFraction],
    ['mirroring', before.mirroring, now.mirroring],
  ] as const;
  return [...(before.model === now.model ? [] : ['another model']), ...others.flatMap(told)];
}
